package admin

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// withReasons is [endpoint.WithReasons] with a code for every field, also for those that the schema refuses: the pages of
// the administration say the reason in the language of the reader.
func withReasons(p *huma.ErrorModel) any {
	for _, d := range p.Errors {
		if _, ok := d.Value.(endpoint.Reason); !ok && d.Location != "" {
			d.Value = schemaReason(d.Message)
		}
	}
	return endpoint.WithReasons(p)
}

// schemaReason returns the reason of a message of huma.
func schemaReason(message string) endpoint.Reason {
	for _, of := range []struct {
		message string
		code    chat.ReasonCode
		param   string
	}{
		{validation.MsgExpectedMaxLength, chat.ReasonTooLong, "most"},
		{validation.MsgExpectedMaximumNumber, chat.ReasonTooLarge, "most"},
		{validation.MsgExpectedMinimumNumber, chat.ReasonTooSmall, "least"},
	} {
		before, _, _ := strings.Cut(of.message, "%")
		if number, ok := strings.CutPrefix(message, before); ok {
			return endpoint.Reason{Code: string(of.code), Params: map[string]string{of.param: number}}
		}
	}
	for _, missing := range []string{validation.MsgExpectedMinLength, validation.MsgExpectedRequiredProperty} {
		if before, _, _ := strings.Cut(missing, "%"); strings.HasPrefix(message, before) {
			return endpoint.Reason{Code: string(chat.ReasonRequired)}
		}
	}
	return endpoint.Reason{Code: string(chat.ReasonForm)}
}

// describeReasons adds the reasons to the document: huma does not know the form of this audience.
func describeReasons(doc *huma.OpenAPI) {
	field := doc.Components.Schemas.Map()["ProblemField"]
	var codes []any
	for _, code := range slices.Concat(chat.ReasonCodes, chat.EmailReasonCodes, chat.PersonReasonCodes) {
		codes = append(codes, string(code))
	}
	field.Properties["code"] = &huma.Schema{
		Type: huma.TypeString, Enum: codes,
		Description: "Reason for programs; every field that the administration refuses has one. unknown: no setting has the name. not-live: it cannot be changed while the server runs. " +
			"fixed: the operator has set it (source). owners-only: only owners change it. repeated: the change names it more than once. form: the field does not accept the value; message says more. " +
			"too-small, too-large: the value is outside of the range (least, most; zero is true where 0 is possible as well). required: it is empty. too-long: most is the number of characters. " +
			"characters: it has characters that cannot be in it, or none that can be seen. unknown-zone: no time zone has the name. unknown-way: way is no way to sign in that can be hidden. " +
			"no-way: no owner could sign in any more. other: message has the reason. " +
			"email-taken: another account has the address. email-unverified: the provider has not verified it. email-domain: the invitation is for addresses of another domain. " +
			"last-owner: the organization has no other active owner. own-account: nobody does this to the own account. no-organization: the server has no main organization. " +
			"new-inactive, several-accounts, unreadable, too-many-fields: of lines of an import. " +
			"too-short: it has less than least characters. is-email: the password is the e-mail address. no-email: the person has no e-mail address to sign in with. " +
			"shared-email: another account with a password has the address. erased: the person was erased. other-name: it is not the name of the person. nobody: no account has the id. " +
			"inactive: the account is not active. guest: a guest owns no group. group-full: a group has at most `most` members. " +
			"kind: an application of kind server stays one, and no other becomes one. own-application: the call comes through it. client-application: it is that of the web client. " +
			"receiver: nothing is posted to the address. " +
			"no-heading: the file does not begin with a line that names the columns. unknown-column: no column is called column. repeated-column: column is there twice. " +
			"too-many-lines: an import has at most `most` lines",
	}
	field.Properties["params"] = &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
		Description: "Parameters of the reason, by their names: least, most, zero, source, way, column",
	}
}
