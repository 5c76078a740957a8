package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

func TestOrganizationLivesAndEnds(t *testing.T) {
	w := newWorld(t)
	made := w.want(w.host("POST", "/v1/organizations", `{"name":"Second demo"}`), http.StatusCreated)
	one := "/v1/organizations/" + made["id"].(string)

	if got := w.want(w.host("GET", one, ""), 200); got["name"] != "Second demo" || got["createdAt"] == nil {
		t.Errorf("organization = %v, want what was made", got)
	}
	if got := w.want(w.host("PATCH", one, `{"name":"Renamed"}`), 200); got["name"] != "Renamed" {
		t.Errorf("renamed organization = %v, want Renamed", got)
	}
	w.want(w.host("POST", one+"/members", toJSON(map[string]any{"accounts": []chat.AccountID{w.mallory, w.alice}})), http.StatusNoContent)
	got := items(t, w.want(w.host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.alice), string(w.mallory)}; !cmp.Equal(got, want) {
		t.Errorf("members = %v, want %v", got, want)
	}
	w.want(w.host("DELETE", one+"/members/"+string(w.alice), ""), http.StatusNoContent)
	got = items(t, w.want(w.host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.mallory)}; !cmp.Equal(got, want) {
		t.Errorf("members after removing = %v, want %v", got, want)
	}
	w.want(w.host("DELETE", one, ""), http.StatusNoContent)
	w.refused(w.host("GET", one, ""), 404, "not found")
}

func TestOrganizationRefusals(t *testing.T) {
	w := newWorld(t)
	one := "/v1/organizations/" + string(w.org)
	w.refused(w.host("POST", "/v1/organizations", fmt.Sprintf(`{"id":%q,"name":"Twice"}`, w.org)), 409, "already exists")
	w.refused(w.host("GET", "/v1/organizations/none", ""), 404, "not found")
	w.refused(w.host("PATCH", "/v1/organizations/none", `{"name":"x"}`), 404, "not found")
	w.refused(w.host("DELETE", "/v1/organizations/none", ""), 404, "not found")
	w.refused(w.host("GET", "/v1/organizations/none/members", ""), 404, "not found")
	w.refused(w.host("DELETE", one+"/members/"+string(w.mallory), ""), 404, "not found")

	p := w.refused(w.host("POST", one+"/members", `{"accounts":[]}`), 422, "validation failed")
	w.names(p, "body.accounts")
	p = w.want(w.host("POST", one+"/members", fmt.Sprintf(`{"accounts":[%q,"nobody"]}`, w.mallory)), 422)
	w.names(p, "body.accounts")
	got := items(t, w.want(w.host("GET", one+"/members", ""), 200), "id")
	if want := []string{string(w.alice), string(w.bob)}; !cmp.Equal(got, want) {
		t.Errorf("members after a refused addition = %v, want %v", got, want)
	}
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t)
	want := []string{string(w.alice), string(w.bob), string(w.mallory)}
	for i := range 4 {
		want = append(want, string(w.account(fmt.Sprintf("Demo %d", i))))
	}
	slices.Sort(want)
	var got []string
	pages, after := 0, ""
	for {
		page := w.want(w.host("GET", "/v1/accounts?limit=3&after="+after, ""), 200)
		got = append(got, items(t, page, "id")...)
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
	if page := w.want(w.host("GET", "/v1/accounts?limit=7", ""), 200); page["next"] != nil {
		t.Errorf("next = %v after everything, want none", page["next"])
	}
	for _, limit := range []string{"0", "101", "-1", "many", "1.5", "99999999999999999999"} {
		w.names(w.want(w.host("GET", "/v1/accounts?limit="+limit, ""), 422), "query.limit")
	}
}
