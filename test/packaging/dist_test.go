// Package packaging tests the files of a release, which packaging/dist makes: that they are reproducible, and that the Debian
// package can be installed, updated and removed as docs/operations says.
package packaging

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// root is the folder of the repository.
const root = "../.."

// The versions in these tests are older than every real one.
const earlier, later = "0.0.1", "0.0.2"

// tools returns the arguments of packaging/dist that name its tools.
func tools(t *testing.T) []string {
	t.Helper()
	nfpm, cyclonedx := os.Getenv("PARLEY_TEST_NFPM"), os.Getenv("PARLEY_TEST_CYCLONEDX")
	if nfpm == "" || cyclonedx == "" {
		t.Skip("NOT TESTED: PARLEY_TEST_NFPM and PARLEY_TEST_CYCLONEDX name no tools; make test installs them")
	}
	return []string{"-nfpm", nfpm, "-cyclonedx", cyclonedx}
}

var made = map[string]string{}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, folder := range made {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

// release makes the files of a version once, from the sources in a folder, for Linux on a processor like this one.
func release(t *testing.T, sources, version string) (folder string) {
	t.Helper()
	args := append([]string{"run", "./packaging/dist", "-version", version, "-platforms", "linux/" + runtime.GOARCH}, tools(t)...)
	key := sources + " " + version
	if made[key] != "" {
		return made[key]
	}
	folder, err := os.MkdirTemp("", "parley-release-")
	if err != nil {
		t.Fatal(err)
	}
	made[key] = folder
	args = append(args, "-out", folder)
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = sources
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1767225600")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return folder
}

// sums returns the checksums of the files in a folder by their names.
func sums(t *testing.T, folder string) map[string]string {
	t.Helper()
	of := map[string]string{}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		of[f.Name()] = fmt.Sprintf("%x", sha256.Sum256(content))
	}
	return of
}

// A build from a copy of the sources in another folder, without git, has the same bytes. "make dist-twice" does the same for all
// platforms, with an empty cache of the compiler.
func TestReproducible(t *testing.T) {
	first := sums(t, release(t, root, earlier))
	copied := t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // removed, and not committed yet
			continue
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(copied, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	second := sums(t, release(t, copied, earlier))
	for name, sum := range first {
		if second[name] != sum {
			t.Errorf("%s differs between two builds", name)
		}
	}
	if len(first) != 4 || len(second) != len(first) {
		t.Errorf("got %v and %v, want an archive, a package, a bill of materials and the checksums", first, second)
	}
}

// The bill of materials has every module that is linked into the program, and the packages of the web client.
func TestMaterials(t *testing.T) {
	folder := release(t, root, earlier)
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = folder
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("SHA256SUMS: %v\n%s", err, out)
	}
	unpacked := t.TempDir()
	name := "parley_" + earlier + "_linux_" + runtime.GOARCH
	if out, err := exec.CommandContext(t.Context(), "tar", "-xzf", filepath.Join(folder, name+".tar.gz"), "-C", unpacked).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program := filepath.Join(unpacked, name, "parley")
	if out, err := exec.CommandContext(t.Context(), program, "version").Output(); err != nil || !strings.HasPrefix(string(out), "parley "+earlier+",") {
		t.Errorf("version: got %q, %v", out, err)
	}
	for _, file := range []string{"README.md", "CHANGELOG.md", "parley.yaml", "parley.service", "sbom.cdx.json"} {
		if _, err := os.Stat(filepath.Join(unpacked, name, file)); err != nil {
			t.Error(err)
		}
	}
	own, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(unpacked, name, "LICENSE")); !bytes.Equal(got, own) {
		t.Errorf("LICENSE of the archive differs: %v", err)
	}
	foreign, err := os.ReadFile(filepath.Join(unpacked, name, "THIRD-PARTY-LICENSES.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("dpkg-deb"); err == nil {
		out, err := exec.CommandContext(t.Context(), "dpkg-deb", "--extract", filepath.Join(folder, "parley_"+earlier+"_"+runtime.GOARCH+".deb"), filepath.Join(unpacked, "deb")).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for file, want := range map[string][]byte{"LICENSE": own, "THIRD-PARTY-LICENSES.txt": foreign} {
			if got, err := os.ReadFile(filepath.Join(unpacked, "deb/usr/share/doc/parley", file)); !bytes.Equal(got, want) {
				t.Errorf("%s of the package differs from that of the archive: %v", file, err)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, name+".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		BOMFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct {
			Name, Version, PURL string
			Licenses            []any
			Evidence            struct{ Licenses []any }
		}
	}
	if err := json.Unmarshal(text, &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Name != "parley" || bom.Metadata.Component.Version != earlier {
		t.Errorf("got %s of %+v", bom.BOMFormat, bom.Metadata.Component)
	}
	listed := map[string]bool{}
	for _, c := range bom.Components {
		listed[c.Name+" "+c.Version] = true
		if len(c.Licenses)+len(c.Evidence.Licenses) == 0 {
			t.Errorf("%s has no license", c.Name)
		}
		if !bytes.Contains(foreign, []byte("\n"+c.Name+" "+c.Version+"\n")) {
			t.Errorf("THIRD-PARTY-LICENSES.txt does not have %s %s", c.Name, c.Version)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := 0
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "dep" {
			modules++
			if !listed[f[1]+" "+f[2]] {
				t.Errorf("%s %s is in the program and not in the bill of materials", f[1], f[2])
			}
		}
	}
	if modules < 20 {
		t.Errorf("got %d modules in the program, want all", modules)
	}
	var web struct{ Dependencies map[string]string }
	text, err = fs.ReadFile(os.DirFS(root), "web/package.json")
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(text)).Decode(&web)
	}
	if err != nil || len(web.Dependencies) == 0 {
		t.Fatalf("web/package.json: %v, got %v", err, web)
	}
	for name, version := range web.Dependencies {
		if !listed[name+" "+version] {
			t.Errorf("%s %s is in the web client and not in the bill of materials", name, version)
		}
	}
}
