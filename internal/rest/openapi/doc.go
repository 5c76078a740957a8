// Package openapi converts an OpenAPI document into the forms that people and web clients read:
// a page and types of TypeScript. It imports no other package of this repository.
package openapi
