package admin

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// imported is the result of an import or of its preview.
type imported struct {
	Applied   bool         `json:"applied" doc:"false: a preview, nothing was changed"`
	Created   int          `json:"created"`
	Updated   int          `json:"updated"`
	Unchanged int          `json:"unchanged"`
	Refused   int          `json:"refused"`
	Lines     []importLine `json:"lines" nullable:"false"`
}

// importLine is a line of the file.
type importLine struct {
	Line    int            `json:"line" doc:"In the file; the heading is line 1"`
	Action  string         `json:"action" enum:"create,update,unchanged,refuse"`
	Account chat.AccountID `json:"accountId,omitempty" doc:"Missing: the person does not exist"`
	Name    string         `json:"name"`
	Email   string         `json:"email"`
	Changes []string       `json:"changes,omitempty" doc:"The fields that change"`

	Role    chat.OrganizationRole `json:"role,omitempty" enum:"owner,administrator,member,guest" doc:"Of a new person; of others the new one, if it changes"`
	OldRole chat.OrganizationRole `json:"oldRole,omitempty" enum:"owner,administrator,member,guest" doc:"The present one, if it changes; missing: the person is not in the main organization"`
	Active  *bool                 `json:"active,omitempty" doc:"The new state, if it changes"`

	Problem string            `json:"problem,omitempty" doc:"Why the line is refused, in English"`
	Field   string            `json:"field,omitempty" doc:"The field of the line that is the reason; line: the whole line. Missing: the reason is not about the content of the line"`
	Code    string            `json:"code,omitempty" enum:"forbidden,sign-in-again,exists,repeated,form,required,too-long,characters,email-taken,several-accounts,new-inactive,last-owner,no-way,own-account,no-organization,unreadable,too-many-fields,other" doc:"The reason for programs. forbidden: only owners may do this, or the caller no longer administers the server. sign-in-again: it needs a recent sign-in. exists: the id is that of something else. repeated: an earlier line names the same person. form: the field does not accept the value. required: the field is empty; for email: an id would do as well. too-long: most is the number of characters. characters: the name has characters that cannot be in one. email-taken: another account has the address. several-accounts: several accounts have the address, give the id. new-inactive: a new person is active. last-owner, no-way: nobody else could administer the server, or sign in to do so. own-account: it is your own account. no-organization: the server has no main organization. unreadable: the line has a stray quote or is too long. too-many-fields: more than columns. other: problem has the reason"`
	Params  map[string]string `json:"params,omitempty" doc:"Parameters of the reason, by their names: most"`
}

func (a *api) imports() {
	addOnce(a, endpoint.Operation{
		ID: "admin-import-people", Path: prefix + "/people/import",
		Summary: "Import people from CSV", Errors: []int{413},
		MaxBody:  a.opts.MaxImport,
		TooLarge: "send the file in pieces, each with the first line, for example 500 people in each",
		Doc: "The first line names the columns: name, email, id, title, department, phone, language (en, zh), timezone, role (owner, administrator, member, guest) and active (true, false), in any order; columns that are missing or empty change nothing. Chinese headings such as 姓名 and 邮箱 are known, too, and the Chinese names of roles (所有者, 管理员, 成员, 访客) and states (启用, 停用, 是, 否). " +
			"A person is found by the id or, without one, by the e-mail address, so the same file twice changes nothing the second time. Commas, semicolons and tabs separate. " +
			"Without apply the answer is a preview of each line. A refused line does not stop the others. " +
			"A body above the option http.max-import-bytes gets 413. The preview counts what the earlier lines of the same request would do, so send the whole file for it. To import many people, send pieces, each with the first line, so that no request takes longer than http.request-timeout. The lines are imported in groups of 100; after an interruption, send the same again. A retry with the idempotency key imports the rest, too.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			CSV   string `json:"csv" minLength:"1" doc:"The content of the file" example:"name,email,title\nExample Four,four@example.test,Baker\n"`
			Apply bool   `json:"apply,omitempty" doc:"Change the people; false: only a preview"`
		} `nameHint:"AdminImportFile"`
	},
	) (chat.Imported, error) {
		rows, err := parseCSV(in.Body.CSV)
		if err != nil {
			return chat.Imported{}, err
		}
		return a.chat.ImportPeople(ctx, by, rows, in.Body.Apply)
	}, func(i chat.Imported) *struct{ Body imported } {
		return &struct{ Body imported }{showImport(i.Rows, i.Applied)}
	})
}

func showImport(results []chat.ImportResult, applied bool) imported {
	out := imported{Applied: applied, Lines: make([]importLine, len(results))}
	count := map[chat.ImportAction]*int{
		chat.ImportCreate: &out.Created, chat.ImportUpdate: &out.Updated, chat.ImportUnchanged: &out.Unchanged, chat.ImportRefuse: &out.Refused,
	}
	for i, r := range results {
		*count[r.Action]++
		out.Lines[i] = importLine{
			Line: r.Line, Action: string(r.Action), Account: r.Account, Name: r.Name, Email: r.Email, Changes: r.Changes,
			Role: r.Role, OldRole: r.OldRole, Active: r.Active,
		}
		if r.Problem != nil {
			out.Lines[i].refuse(r.Problem)
		}
	}
	return out
}

func (l *importLine) refuse(why error) {
	l.Problem, l.Code = strings.TrimPrefix(why.Error(), "invalid payload: "), string(chat.ReasonOther)
	scope := new(chat.ScopeError)
	invalid := new(chat.InvalidError)
	switch {
	case errors.As(why, &invalid):
		l.Field, l.Code, l.Params = invalid.Field, string(invalid.Code), invalid.Params
	case errors.Is(why, chat.ErrForbidden), errors.As(why, &scope):
		l.Code = "forbidden"
	case errors.Is(why, chat.ErrSignInAgain):
		l.Code = "sign-in-again"
	case errors.Is(why, chat.ErrConflict):
		l.Code = "exists"
	}
}

// maxRecord is the maximum length of a record in bytes. It limits the search for the end of a quote that is not closed.
const maxRecord = 64 << 10

// parseCSV reads the file. A line that cannot be read becomes a row with a problem.
func parseCSV(text string) ([]chat.ImportRow, error) {
	f := csvFile{rest: strings.TrimPrefix(text, "\ufeff"), line: 1}
	f.comma = separator(f.rest)
	heading, _, err := f.read()
	if err != nil {
		return nil, &chat.InvalidError{Field: "csv", Reason: "must begin with a line that names the columns", Code: chat.ReasonNoHeading}
	}
	seen := map[string]bool{}
	for i, name := range heading {
		heading[i] = columnOf(name)
		if setters[heading[i]] == nil {
			return nil, badColumn(chat.ReasonColumn, name, "has a column that is not known: %.64q", name)
		}
		if seen[heading[i]] {
			return nil, badColumn(chat.ReasonColumnTwice, name, "has the column %s twice: %.64q", heading[i], name)
		}
		seen[heading[i]] = true
	}
	var rows []chat.ImportRow
	for {
		record, line, err := f.read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		row := chat.ImportRow{Line: line}
		switch {
		case err != nil:
			row.Problem = err
		case len(record) > len(heading):
			row.Problem = &chat.InvalidError{Field: "line", Reason: "has more fields than columns", Code: chat.ReasonTooManyFields}
		}
		for i, value := range record[:min(len(record), len(heading))] {
			if value = strings.TrimSpace(value); value == "" || row.Problem != nil {
				continue
			}
			row.Problem = setters[heading[i]](&row, value)
		}
		rows = append(rows, row)
	}
}

// badColumn refuses a file because of the heading of a column.
func badColumn(code chat.ReasonCode, heading, reason string, args ...any) error {
	return &chat.InvalidError{Field: "csv", Reason: fmt.Sprintf(reason, args...), Code: code, Params: map[string]string{"column": fmt.Sprintf("%.64s", heading)}}
}

// csvFile is the unread rest of a file.
type csvFile struct {
	rest  string
	line  int // number of the first line of rest
	comma rune
}

// read returns the next record and the number of its first line, or [io.EOF]. If the record cannot be read, only its first line is
// skipped. Otherwise a quote that is not closed would take all lines after it.
func (f *csvFile) read() (record []string, line int, err error) {
	for {
		blank, rest, found := strings.Cut(f.rest, "\n")
		if !found || strings.TrimSuffix(blank, "\r") != "" {
			break
		}
		f.rest, f.line = rest, f.line+1
	}
	part := f.rest[:min(len(f.rest), maxRecord)]
	r := csv.NewReader(strings.NewReader(part))
	r.Comma = f.comma
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	record, err = r.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	length := int(r.InputOffset())
	if err != nil || length == len(part) && len(part) < len(f.rest) {
		record, length = nil, len(f.rest)
		err = &chat.InvalidError{Field: "line", Reason: `has a quote (") that is not closed or not doubled, or is too long`, Code: chat.ReasonUnreadable}
		if end := strings.IndexByte(f.rest, '\n'); end >= 0 {
			length = end + 1
		}
	}
	line = f.line
	f.line += strings.Count(f.rest[:length], "\n")
	f.rest = f.rest[length:]
	return record, line, err
}

// columnOf returns the name of the column with the heading.
func columnOf(heading string) string {
	name := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(strings.TrimSpace(heading)))
	if column, ok := translations[name]; ok {
		return column
	}
	return name
}

// translations has the columns by their Chinese headings.
var translations = map[string]string{
	"姓名": "name", "邮箱": "email", "电子邮箱": "email", "电子邮件": "email", "职位": "title", "职务": "title", "部门": "department",
	"电话": "phone", "手机": "phone", "语言": "language", "邮件语言": "language", "时区": "timezone", "角色": "role",
	"账号": "id", "状态": "active", "启用": "active", "是否启用": "active",
}

// roles has the Chinese names of roles, and states those of active; true and false are known in both languages.
var (
	roles = map[string]chat.OrganizationRole{
		"所有者": chat.OrganizationOwner, "管理员": chat.OrganizationAdministrator, "成员": chat.OrganizationMember, "访客": chat.OrganizationGuest,
	}
	states = map[string]bool{
		"true": true, "是": true, "启用": true, "已启用": true, "正常": true,
		"false": false, "否": false, "停用": false, "已停用": false,
	}
)

// separator returns the character that occurs most in the heading.
func separator(text string) rune {
	heading, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, c := range ";\t" {
		if strings.Count(heading, string(c)) > strings.Count(heading, string(best)) {
			best = c
		}
	}
	return best
}

// setters has the functions that set the field of a column.
var setters = map[string]func(*chat.ImportRow, string) error{
	"id":         func(r *chat.ImportRow, v string) error { r.ID = chat.AccountID(v); return nil },
	"name":       func(r *chat.ImportRow, v string) error { r.Name = &v; return nil },
	"email":      func(r *chat.ImportRow, v string) error { r.Email = &v; return nil },
	"title":      func(r *chat.ImportRow, v string) error { r.Title = &v; return nil },
	"department": func(r *chat.ImportRow, v string) error { r.Department = &v; return nil },
	"phone":      func(r *chat.ImportRow, v string) error { r.Phone = &v; return nil },
	"language":   func(r *chat.ImportRow, v string) error { r.Language = &v; return nil },
	"timezone":   func(r *chat.ImportRow, v string) error { r.TimeZone = &v; return nil },
	"role": func(r *chat.ImportRow, v string) error {
		role, ok := roles[v]
		if !ok {
			role = chat.OrganizationRole(strings.ToLower(v))
		}
		r.Role = &role
		return nil
	},
	"active": func(r *chat.ImportRow, v string) error {
		active, ok := states[strings.ToLower(v)]
		if !ok {
			return chat.Invalid("active", "must be true or false")
		}
		r.Active = &active
		return nil
	},
}
