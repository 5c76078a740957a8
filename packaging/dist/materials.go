package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// materials returns the software bill of materials of a program, in CycloneDX: the Go modules that are linked into it, as
// cyclonedx-gomod finds them, and the npm packages that are in the web client.
func (r *release) materials(ctx context.Context, program string) ([]byte, error) {
	var refused bytes.Buffer
	// The serial number is random and the time is that of the call, so both are left out.
	c := exec.CommandContext(ctx, r.cyclonedx, "bin", "-json", "-licenses", "-std", "-noserial", "-notimestamp", "-version", r.version, program)
	c.Stderr = &refused
	out, err := c.Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", r.cyclonedx, err), errors.New(strings.TrimSpace(refused.String())))
	}
	var bom bom
	if err := json.Unmarshal(out, &bom); err != nil {
		return nil, fmt.Errorf("%s: %w", r.cyclonedx, err)
	}
	bom.Metadata["timestamp"] = r.time.Format(time.RFC3339)
	// The checksums of the tool differ between two builds of the tool, so they are left out.
	if tools, ok := bom.Metadata["tools"].([]any); ok {
		for _, tool := range tools {
			if t, ok := tool.(map[string]any); ok {
				delete(t, "hashes")
			}
		}
	}
	main, ok := bom.Metadata["component"].(map[string]any)
	if !ok || main["bom-ref"] == nil {
		return nil, errors.New("the bill of materials does not name the program")
	}
	packages, err := webPackages()
	if err != nil {
		return nil, err
	}
	var web []map[string]any
	for _, p := range packages {
		web = append(web, p.component())
	}
	bom.Components = append(bom.Components, web...)
	for i, d := range bom.Dependencies {
		if d["ref"] == main["bom-ref"] {
			on, _ := d["dependsOn"].([]any)
			for _, c := range web {
				on = append(on, c["bom-ref"])
			}
			bom.Dependencies[i]["dependsOn"] = on
		}
	}
	for _, c := range bom.Components {
		name, _ := c["name"].(string)
		if id := unfound[name]; id != "" && c["licenses"] == nil && c["evidence"] == nil {
			c["evidence"] = map[string]any{"licenses": license(id)}
		}
	}
	text, err := json.MarshalIndent(bom, "", "  ")
	return append(text, '\n'), err
}

// unfound are the licenses that cyclonedx-gomod and the lock file do not name: the standard library is not in the
// cache of modules, the license of goose names two owners, and the package xmlhttprequest-ssl does not name its license.
var unfound = map[string]string{"std": "BSD-3-Clause", "github.com/pressly/goose/v3": "MIT", "xmlhttprequest-ssl": "MIT"}

// bom is the part of a CycloneDX document that is changed here.
type bom struct {
	Schema       string           `json:"$schema"`
	Format       string           `json:"bomFormat"`
	Spec         string           `json:"specVersion"`
	Version      int              `json:"version"`
	Metadata     map[string]any   `json:"metadata"`
	Components   []map[string]any `json:"components"`
	Dependencies []map[string]any `json:"dependencies"`
}

// styles is the package that makes the style sheet of the web client. It is a dependency for developers, but some of its rules are in the build.
const styles = "tailwindcss"

// webPackage is a package of npm.
type webPackage struct {
	place                  string // below web
	name, version, license string
}

func (p webPackage) component() map[string]any {
	url := "pkg:npm/" + strings.Replace(p.name, "@", "%40", 1) + "@" + p.version
	c := map[string]any{"bom-ref": url, "type": "library", "name": p.name, "version": p.version, "purl": url, "scope": "required"}
	if p.license != "" {
		c["licenses"] = license(p.license)
	}
	return c
}

// webPackages returns the packages that can be in web/dist, from the lock file: those that the client needs at run time.
func webPackages() ([]webPackage, error) {
	text, err := os.ReadFile("web/package-lock.json")
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, License           string
			Dev, DevOptional, Optional bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("web/package-lock.json: %w", err)
	}
	var found []webPackage
	for _, place := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[place]
		i := strings.LastIndex(place, "node_modules/")
		if i < 0 {
			continue
		}
		name := place[i+len("node_modules/"):]
		if (p.Dev || p.DevOptional || p.Optional) && name != styles {
			continue
		}
		found = append(found, webPackage{place, name, p.Version, p.License})
	}
	return found, nil
}

func license(id string) []any {
	return []any{map[string]any{"license": map[string]any{"id": id}}}
}
