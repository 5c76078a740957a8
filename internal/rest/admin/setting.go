package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// setting is an option of the configuration with its value.
type setting struct {
	Name    string   `json:"name" doc:"Of the option" example:"upload.max-image"`
	Group   string   `json:"group" doc:"Section of the documentation of the options" example:"Uploads"`
	Help    string   `json:"help" doc:"Meaning, in English"`
	Type    string   `json:"type" enum:"text,choice,switch,number,decimal,size,duration,list" doc:"Form of the value, which is always a text as in the configuration file: a size like 20MiB, a duration like 90s, a switch true or false, a list with commas"`
	Unit    string   `json:"unit,omitempty" doc:"Unit of a number" example:"characters"`
	Choices []string `json:"choices,omitempty" nullable:"false" doc:"Possible values of a choice, and entries of a list"`
	Least   string   `json:"least,omitempty" doc:"Smallest value"`
	Most    string   `json:"most,omitempty" doc:"Largest value"`
	Default string   `json:"default" doc:"Value if nothing else is chosen" example:"20MiB"`
	Value   string   `json:"value" doc:"Value in force; empty for a secret" example:"20MiB"`
	Source  string   `json:"source" enum:"default,database,file,environment,flag" doc:"Source of the value; database: it was changed with this API"`
	Live    bool     `json:"live" doc:"It can be changed while the server runs, if it is not fixed"`
	Fixed   bool     `json:"fixed" doc:"A flag, the environment or the configuration file has set it, so that it cannot be changed here"`
	Owners  bool     `json:"owners,omitempty" doc:"Only owners can change it"`
	Secret  bool     `json:"secret,omitempty" doc:"Its value is never shown"`
}

// settingList are all options.
type settingList struct {
	Version string    `json:"version" doc:"Send it with a change. It differs after each change" example:"e3b0c44298fc1c14"`
	Items   []setting `json:"items" nullable:"false"`
}

// newValue is a change of one setting.
type newValue struct {
	Name  string `json:"name" maxLength:"64" example:"upload.max-image"`
	Value string `json:"value" maxLength:"4096" example:"50MiB"`
}

const settingsPath = "/settings"

func (a *api) settings() {
	const path = prefix + settingsPath
	add(a, endpoint.Operation{
		ID: "admin-settings", Method: http.MethodGet, Path: path,
		Summary: "List the settings",
		Doc:     "All options of the configuration with their values. Those with `live` can be changed while the server runs, unless `fixed` is true.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*struct{ Body settingList }, error) {
		return shown(a.chat.AllSettings(ctx, by))
	})

	add(a, endpoint.Operation{
		ID: "admin-change-settings", Method: http.MethodPatch, Path: path, Errors: []int{400, 409, 422},
		Summary: "Change settings",
		Doc: "All of them are changed, or none. They are in force at once, on every node. Each invalid value is named in the problem, with its reason as a text and as a code. " +
			"400: a setting is named more than once. " +
			"403 `sign in again`: the name of a setting begins with `auth.`, which needs a sign-in of the last minutes. " +
			"409: somebody else has changed settings since the version that is sent.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Version string     `json:"version" minLength:"1" maxLength:"64" doc:"Of the settings that the change is based on" example:"e3b0c44298fc1c14"`
			Values  []newValue `json:"values,omitempty" nullable:"false" maxItems:"200" doc:"New values"`
			Reset   []string   `json:"reset,omitempty" nullable:"false" maxItems:"200" doc:"Names of settings that get their defaults again" example:"[\"chat.max-text\"]"`
		} `nameHint:"AdminSettingsChange"`
	},
	) (*struct{ Body settingList }, error) {
		changes := make([]chat.SettingChange, 0, len(in.Body.Values)+len(in.Body.Reset))
		for _, v := range in.Body.Values {
			changes = append(changes, chat.SettingChange{Name: v.Name, Value: v.Value})
		}
		for _, name := range in.Body.Reset {
			changes = append(changes, chat.SettingChange{Name: name, Reset: true})
		}
		if p := repeated(changes, len(in.Body.Values)); p != nil {
			return nil, p
		}
		out, err := shown(a.chat.ChangeSettings(ctx, by, in.Body.Version, changes))
		return out, placed(err, changes, len(in.Body.Values))
	})
}

// placed names the places in the body of invalid settings. The text names the settings. The first values of the changes are new
// ones, the others are reset.
func placed(err error, changes []chat.SettingChange, values int) error {
	var all chat.InvalidErrors
	if !errors.As(err, &all) {
		return err
	}
	p := endpoint.Problem(http.StatusUnprocessableEntity, all.Error())
	for _, one := range all {
		i := slices.IndexFunc(changes, func(c chat.SettingChange) bool { return c.Name == one.Field })
		p.Errors = append(p.Errors, &huma.ErrorDetail{
			Location: place(i, values), Message: one.Reason,
			Value: endpoint.Reason{Code: string(cmp.Or(one.Code, chat.ReasonOther)), Params: one.Params},
		})
	}
	return p
}

// place is that of change i in the body.
func place(i, values int) string {
	switch {
	case i < 0: // a change of the others makes it invalid
		return "body.values"
	case i >= values:
		return fmt.Sprintf("body.reset[%d]", i-values)
	}
	return fmt.Sprintf("body.values[%d].value", i)
}

// repeated refuses a body that names a setting more than once: it does not say which of the values is meant.
func repeated(changes []chat.SettingChange, values int) error {
	seen := map[string]bool{}
	for i, c := range changes {
		if seen[c.Name] {
			const reason = "is named more than once"
			return endpoint.Problem(http.StatusBadRequest, c.Name+" "+reason, &huma.ErrorDetail{
				Location: place(i, values), Message: reason, Value: endpoint.Reason{Code: string(chat.ReasonRepeated)},
			})
		}
		seen[c.Name] = true
	}
	return nil
}

func shown(seen chat.SettingsSeen, err error) (*struct{ Body settingList }, error) {
	if err != nil {
		return nil, err
	}
	out := &struct{ Body settingList }{settingList{Version: seen.Version, Items: make([]setting, 0, len(seen.Options))}}
	for _, o := range seen.Options {
		out.Body.Items = append(out.Body.Items, setting{
			Name: o.Name, Group: o.Group, Help: o.Help, Type: o.Type, Unit: o.Unit, Choices: o.Choices, Least: o.Least, Most: o.Most,
			Default: o.Default, Value: o.Value, Source: o.Source, Live: o.Live, Fixed: o.Fixed(), Owners: o.Owners, Secret: o.Secret,
		})
	}
	return out, nil
}
