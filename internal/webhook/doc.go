// Package webhook posts signed requests to addresses of other programs, in the form of the Standard Webhooks text
// (https://www.standardwebhooks.com). It never connects to an address that is not public, unless an option allows its network, and
// follows no redirects. It knows nothing of the events that it posts, and does not try again: that is left to the caller.
//
// A request has these headers:
//
//	webhook-id          the id of the event, the same in each attempt
//	webhook-timestamp   the time of the attempt, in Unix seconds
//	webhook-signature   for each secret: v1,base64(HMAC-SHA256(secret, id.timestamp.body)), separated by spaces
package webhook
