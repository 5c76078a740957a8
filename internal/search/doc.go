// Package search has the rules of searching: the words of a text, whether a query
// matches a text, the excerpt that is shown, and the letter under which a name is listed.
//
// Everything here is computation on strings, and the same for every database. [Words]
// returns the words that a database indexes, and [Query.Words] the words for which the
// index is asked. [Query.Match] decides: every text that matches has all words of the
// query, so the index finds it, but not every text with these words matches.
//
// Other packages load the texts, check permissions and keep the index.
package search
