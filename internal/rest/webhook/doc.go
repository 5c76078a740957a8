// Package webhook takes the messages of programs at the addresses of incoming webhooks, in the formats of the group robots of
// Slack, Feishu (Lark), DingTalk and WeCom (docs/incoming-webhooks.md), and answers in the form of each.
//
// The file of a format has its parser, which makes a [message] of a body, and its forms of answers. The parser returns an error for a
// part that cannot be shown: nothing that a reader should see is left out. Parts that only say how something looks are ignored.
// Nothing is ever fetched from an address in a message.
package webhook
