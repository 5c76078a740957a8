// Package search says what a search finds: which words a text has, when a query
// matches a text, what to show of it, and under which letter a name stands.
//
// Everything here is plain computation on strings. [Words] makes what a database
// indexes, [Query.Words] what it is asked for, and [Query.Match] decides: every
// text that matches has all the words of the query, so that an index finds it,
// but a text that has them all need not match. It is the same for every database.
//
// Where texts come from, who may see them and how an index is kept is left to
// others.
package search
