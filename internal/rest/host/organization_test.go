package host_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest/resttest"
)

func TestOrganizationLivesAndEnds(t *testing.T) {
	w := resttest.New(t)
	made := w.Want(w.Host("POST", "/v1/organizations", `{"name":"Second demo"}`), http.StatusCreated)
	one := "/v1/organizations/" + made["id"].(string)

	if got := w.Want(w.Host("GET", one, ""), 200); got["name"] != "Second demo" || got["createdAt"] == nil {
		t.Errorf("organization = %v, want what was made", got)
	}
	if got := w.Want(w.Host("PATCH", one, `{"name":"Renamed"}`), 200); got["name"] != "Renamed" {
		t.Errorf("renamed organization = %v, want Renamed", got)
	}
	if got := w.Want(w.Host("PATCH", one, `{"hidesReading":true}`), 200); got["name"] != "Renamed" || got["hidesReading"] != true {
		t.Errorf("organization = %v, want one that hides reading", got)
	}
	if got := w.Want(w.Host("PATCH", one, `{"hidesActivity":true}`), 200); got["hidesReading"] != true || got["hidesActivity"] != true {
		t.Errorf("organization = %v, want one that hides activity, too", got)
	}
	w.Want(w.Host("POST", one+"/members", resttest.ToJSON(map[string]any{"accounts": []chat.AccountID{w.Mallory, w.Alice}})), http.StatusNoContent)
	got := resttest.Items(t, w.Want(w.Host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.Alice), string(w.Mallory)}; !cmp.Equal(got, want) {
		t.Errorf("members = %v, want %v", got, want)
	}
	w.Want(w.Host("DELETE", one+"/members/"+string(w.Alice), ""), http.StatusNoContent)
	got = resttest.Items(t, w.Want(w.Host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.Mallory)}; !cmp.Equal(got, want) {
		t.Errorf("members after removing = %v, want %v", got, want)
	}
	w.Want(w.Host("DELETE", one, ""), http.StatusNoContent)
	w.Refused(w.Host("GET", one, ""), 404, "not found")
}

func TestOrganizationRefusals(t *testing.T) {
	w := resttest.New(t)
	one := "/v1/organizations/" + string(w.Org)
	w.Refused(w.Host("POST", "/v1/organizations", fmt.Sprintf(`{"id":%q,"name":"Twice"}`, w.Org)), 409, "already exists")
	w.Refused(w.Host("GET", "/v1/organizations/none", ""), 404, "not found")
	w.Refused(w.Host("PATCH", "/v1/organizations/none", `{"name":"x"}`), 404, "not found")
	w.Refused(w.Host("DELETE", "/v1/organizations/none", ""), 404, "not found")
	w.Refused(w.Host("GET", "/v1/organizations/none/members", ""), 404, "not found")
	w.Refused(w.Host("DELETE", one+"/members/"+string(w.Mallory), ""), 404, "not found")
	w.Refused(w.Host("DELETE", one, ""), 409, "the main organization cannot be deleted")

	p := w.Refused(w.Host("POST", one+"/members", `{"accounts":[]}`), 422, "validation failed")
	w.Names(p, "body.accounts")
	p = w.Want(w.Host("POST", one+"/members", fmt.Sprintf(`{"accounts":[%q,"nobody"]}`, w.Mallory)), 422)
	w.Names(p, "body.accounts")
	got := resttest.Items(t, w.Want(w.Host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.Alice), string(w.Bob)}; !cmp.Equal(got, want) {
		t.Errorf("members after a refused addition = %v, want %v", got, want)
	}
}

func TestListsComeInPages(t *testing.T) {
	w := resttest.New(t)
	want := []string{string(w.Alice), string(w.Bob), string(w.Mallory)}
	for i := range 4 {
		want = append(want, string(w.Account(fmt.Sprintf("Demo %d", i))))
	}
	slices.Sort(want)
	var got []string
	pages, after := 0, ""
	for {
		page := w.Want(w.Host("GET", "/v1/accounts?limit=3&after="+after, ""), 200)
		got = append(got, resttest.Items(t, page, "id")...)
		pages++
		next, more := page["next"].(string)
		if !more {
			break
		}
		after = next
	}
	if !cmp.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages = %v, want 3 pages of %v", pages, got, want)
	}
	// A page that is exactly full is the last one.
	if page := w.Want(w.Host("GET", "/v1/accounts?limit=7", ""), 200); page["next"] != nil {
		t.Errorf("next = %v after everything, want none", page["next"])
	}
	for _, limit := range []string{"0", "101", "-1", "many", "1.5", "99999999999999999999"} {
		w.Names(w.Want(w.Host("GET", "/v1/accounts?limit="+limit, ""), 422), "query.limit")
	}
}
