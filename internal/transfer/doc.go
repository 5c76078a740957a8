// Package transfer reads the exports of parley, of Mattermost and of Slack, and writes those of parley. It
// knows formats alone: package chat decides what becomes of what was read, and package server has the
// database and the files. docs/export.md describes the formats.
package transfer
