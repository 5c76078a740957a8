package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// licensesName is the name of the file with the licenses of all libraries in a program.
const licensesName = "THIRD-PARTY-LICENSES.txt"

// webLicensesFile has the licenses of the packages in the web client. It is committed like web/dist, because the program is
// built without Node.js and without the packages. "make web" writes it.
const webLicensesFile = "packaging/web-licenses.txt"

// component is a library with the texts of its licenses.
type component struct {
	name, version string
	texts         []string
}

// licenses returns the text of the licenses of all libraries in the program for one platform.
//
// google/go-licenses is not used: it leaves out the standard library, takes one file for each package, and refuses licenses that
// it does not recognize. "vite build" can list licenses, too, but does not see the data of the emoji and the style rules.
func licenses(ctx context.Context, target []string) ([]byte, error) {
	components, err := goComponents(ctx, target)
	if err != nil {
		return nil, err
	}
	web, err := os.ReadFile(webLicensesFile)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("Licenses of the Go modules and of the packages of the web client that are in the program parley.\n" +
		"The file LICENSE has the license of parley itself.\n")
	writeComponents(&b, components)
	b.Write(web)
	return b.Bytes(), nil
}

func writeComponents(w io.Writer, components []component) {
	for _, c := range components {
		fmt.Fprintf(w, "\n%s\n%s %s\n%[1]s\n", strings.Repeat("=", 80), c.name, c.version)
		for _, text := range c.texts {
			fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")))
		}
	}
}

// goComponents returns the standard library and the modules of which at least one package is in the program.
func goComponents(ctx context.Context, target []string) ([]component, error) {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,Standard,Module", "./cmd/parley")
	var refused bytes.Buffer
	list.Env, list.Stderr = target, &refused
	out, err := list.Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("go list: %w", err), errors.New(strings.TrimSpace(refused.String())))
	}
	type module struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{ Path, Version string }
	}
	modules := map[string]module{}
	folders := map[string][]string{} // by the path of the module: those of its packages, and all folders above them
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir      string
			Standard bool
			Module   *module
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Standard || p.Module == nil || p.Module.Main {
			continue
		}
		m := *p.Module
		modules[m.Path] = m
		for folder := p.Dir; !slices.Contains(folders[m.Path], folder); folder = filepath.Dir(folder) {
			folders[m.Path] = append(folders[m.Path], folder)
			if folder == m.Dir {
				break
			}
		}
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	standard := strings.Fields(string(root))
	if len(standard) != 2 {
		return nil, fmt.Errorf("go env: got %q, want a folder without spaces and a version", root)
	}
	modules["std"] = module{Path: "std", Version: standard[1], Dir: standard[0]}
	folders["std"] = []string{standard[0]}
	var all []component
	for path, m := range modules {
		slices.Sort(folders[path])
		c := component{name: path, version: m.Version}
		if m.Replace != nil {
			c.version += " (replaced by " + strings.TrimSpace(m.Replace.Path+" "+m.Replace.Version) + ")"
		}
		for _, folder := range folders[path] {
			texts, err := licenseTexts(folder)
			if err != nil {
				return nil, err
			}
			c.texts = append(c.texts, texts...)
		}
		if len(c.texts) == 0 {
			return nil, fmt.Errorf("the module %s has no file with its license", path)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b component) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// licenseNames matches the names of files with a license or with notices that a license requires.
var licenseNames = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|copyright|notice|patents)([-.].*)?$`)

// licenseTexts returns the texts of the licenses in a folder.
func licenseTexts(folder string) ([]string, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, f := range files {
		if !f.Type().IsRegular() || !licenseNames.MatchString(f.Name()) || filepath.Ext(f.Name()) == ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// publicDomain are the licenses that need no text.
var publicDomain = []string{"Unlicense"}

// writeWebLicenses writes the licenses of the packages in the web client, from web/node_modules.
func writeWebLicenses(file string) error {
	packages, err := webPackages()
	if err != nil {
		return err
	}
	var all []component
	for _, p := range packages {
		texts, err := licenseTexts(filepath.Join("web", filepath.FromSlash(p.place)))
		if err != nil {
			return fmt.Errorf("%w; npm ci in the folder web installs the packages", err)
		}
		if len(texts) == 0 {
			if !slices.Contains(publicDomain, p.license) {
				return fmt.Errorf("the package %s with the license %q has no file with it", p.name, p.license)
			}
			texts = []string{"Public domain (" + p.license + ")."}
		}
		all = append(all, component{p.name, p.version, texts})
	}
	var b bytes.Buffer
	writeComponents(&b, all)
	return os.WriteFile(file, b.Bytes(), 0o644)
}
