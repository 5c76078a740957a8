// Package transfer reads the exports of parley, of Mattermost and of Slack, and writes those of parley. It
// knows only the formats. Package chat decides how the data is stored; package server reads and writes the
// database and the files. docs/export.md describes the formats.
package transfer
