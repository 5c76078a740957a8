// Package blob keeps files by key: on this machine's disk, or at a storage
// service that the client uploads to and downloads from itself.
//
// [Disk] takes a file in one piece or in parts, says what it is by looking at it,
// takes out of pictures what they tell beside the picture, and never lets a key
// become a path. [Qiniu] and [S3] only sign: what a client may do there. [Scaler]
// makes pictures of the sizes that are shown, [Avatars] square ones that anybody
// may see, [Links] signs addresses of this server that work for a while.
//
// Who may upload what, and who may see it, is for others to decide; so are HTTP
// and its forms. This package knows no account and no message.
package blob
