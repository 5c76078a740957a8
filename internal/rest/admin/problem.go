package admin

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
)

// describeReasons adds the reasons to the document: huma does not know the form of this audience.
func describeReasons(doc *huma.OpenAPI) {
	field := doc.Components.Schemas.Map()["ProblemField"]
	var codes []any
	for _, code := range slices.Concat(chat.ReasonCodes, chat.EmailReasonCodes, chat.PersonReasonCodes) {
		codes = append(codes, string(code))
	}
	field.Properties["code"] = &huma.Schema{
		Type: huma.TypeString, Enum: codes,
		Description: "Reason for programs, when a setting, an e-mail address or a change of a person is refused. unknown: no setting has the name. not-live: it cannot be changed while the server runs. " +
			"fixed: the operator has set it (source). owners-only: only owners change it. repeated: the change names it more than once. form: the text is no value of the setting's type. " +
			"too-small, too-large: the value is outside of the range (least, most; zero is true where 0 is possible as well). required: it is empty. too-long: most is the number of characters. " +
			"characters: it has characters that cannot be in a name. unknown-zone: no time zone has the name. unknown-way: way is no way to sign in that can be hidden. " +
			"no-way: no owner could sign in any more. other: message has the reason. " +
			"email-taken: another account has the address. email-unverified: the provider has not verified it. email-domain: the invitation is for addresses of another domain. " +
			"last-owner: the organization has no other active owner. own-account: nobody takes this from the own account. no-organization: the server has no main organization. " +
			"new-inactive, several-accounts, unreadable, too-many-fields: of lines of an import",
	}
	field.Properties["params"] = &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
		Description: "Parameters of the reason, by their names: least, most, zero, source, way",
	}
}
