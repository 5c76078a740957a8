//go:build race

package chat_test

func init() { ledgerChecks = "6" } // the detector makes the database some fifteen times slower
