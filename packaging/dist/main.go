// Command dist makes the files of a release: for each platform an archive with a static binary and a software bill of
// materials, for Linux also a Debian package, and the checksums of all. The same sources and the
// same version of Go make the same bytes, in any folder and at any time. It runs in the root of the repository.
//
//	go run ./packaging/dist -nfpm bin/nfpm -cyclonedx bin/cyclonedx-gomod
//	go run ./packaging/dist -licenses FILE        # only the licenses of the libraries, for the image of a container
//	go run ./packaging/dist -web-licenses FILE    # only those of the web client, from web/node_modules
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// release has the values that are the same for all platforms.
type release struct {
	version         string
	time            time.Time // of every file in an archive
	out             string
	nfpm, cyclonedx string // the paths of the tools
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	var r release
	flags.StringVar(&r.out, "out", "dist", "folder for the files; its former content is removed")
	flags.StringVar(&r.version, "version", "", "version; the default is the tag of the commit, or 0.0.0-dev with the time of the commit and its hash")
	flags.StringVar(&r.nfpm, "nfpm", "nfpm", "program that makes the Debian package")
	flags.StringVar(&r.cyclonedx, "cyclonedx", "cyclonedx-gomod", "program that makes the software bill of materials")
	which := flags.String("platforms", strings.Join(platforms, ","), "platforms to build for, separated by commas")
	onlyLicenses := flags.String("licenses", "", "write only the licenses of the libraries in the program for this platform to this file")
	onlyWeb := flags.String("web-licenses", "", "write only the licenses of the packages in the web client to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *onlyWeb != "":
		return writeWebLicenses(*onlyWeb)
	case *onlyLicenses != "":
		text, err := licenses(ctx, buildEnv(runtime.GOOS, runtime.GOARCH))
		if err != nil {
			return err
		}
		return os.WriteFile(*onlyLicenses, text, 0o644)
	}
	if err := r.of(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	for _, p := range strings.Split(*which, ",") {
		goos, goarch, ok := strings.Cut(p, "/")
		if !ok || !slices.Contains(platforms, p) {
			return fmt.Errorf("-platforms: %q is not one of %s", p, strings.Join(platforms, ", "))
		}
		if err := r.build(ctx, goos, goarch); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return r.sum()
}

// of sets the version and the time. They are those of the commit, unless -version and SOURCE_DATE_EPOCH are given.
func (r *release) of(ctx context.Context) error {
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", args...).Output()
		return strings.TrimSpace(string(out)), err
	}
	epoch, err := os.Getenv("SOURCE_DATE_EPOCH"), error(nil)
	if epoch == "" {
		if epoch, err = git("log", "-1", "--format=%ct"); err != nil {
			return fmt.Errorf("this is no commit of git, so set SOURCE_DATE_EPOCH to the time of the sources: %w", err)
		}
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %q is not a number of seconds", epoch)
	}
	r.time = time.Unix(seconds, 0).UTC()
	if r.version != "" {
		return nil
	}
	if tag, err := git("describe", "--tags", "--exact-match", "--match", "v[0-9]*"); err == nil {
		r.version = strings.TrimPrefix(tag, "v")
	} else {
		hash, err := git("rev-parse", "--short=12", "HEAD")
		if err != nil {
			return fmt.Errorf("this is no commit of git, so set -version: %w", err)
		}
		r.version = "0.0.0-dev." + r.time.Format("20060102150405") + ".g" + hash
	}
	if changed, err := git("status", "--porcelain"); err != nil || changed != "" {
		r.version += ".changed"
	}
	return nil
}

// build makes the files of one platform.
func (r *release) build(ctx context.Context, goos, goarch string) error {
	work, err := os.MkdirTemp("", "parley-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	program := "parley"
	if goos == "windows" {
		program += ".exe"
	}
	target := buildEnv(goos, goarch)
	// The stamp of git is left out, because it depends on the state of the folder. The version names the commit.
	if err := call(ctx, target, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X parley/internal/server.version="+r.version, "-o", filepath.Join(work, program), "./cmd/parley"); err != nil {
		return err
	}
	name := fmt.Sprintf("parley_%s_%s_%s", r.version, goos, goarch)
	bom, err := r.materials(ctx, filepath.Join(work, program))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, name+".cdx.json"), bom, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "sbom.cdx.json"), bom, 0o644); err != nil {
		return err
	}
	text, err := licenses(ctx, target)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, licensesName), text, 0o644); err != nil {
		return err
	}
	entries := []entry{
		{program, filepath.Join(work, program), 0o755},
		{"parley.yaml", "packaging/parley.yaml", 0o644},
		{"sbom.cdx.json", filepath.Join(work, "sbom.cdx.json"), 0o644},
		{"LICENSE", "LICENSE", 0o644},
		{licensesName, filepath.Join(work, licensesName), 0o644},
		{"README.md", "README.md", 0o644},
		{"CHANGELOG.md", "CHANGELOG.md", 0o644},
	}
	if goos == "windows" {
		return r.write(name+".zip", func(b *bytes.Buffer) error { return zipTo(b, name, r.time, entries) })
	}
	if goos == "linux" {
		entries = append(entries, entry{"parley.service", "packaging/parley.service", 0o644})
		if err := r.debian(ctx, work, goarch); err != nil {
			return err
		}
	}
	return r.write(name+".tar.gz", func(b *bytes.Buffer) error { return tarTo(b, name, r.time, entries) })
}

// buildEnv is the environment of the builds for a platform. Variables of the caller must not change the bytes.
func buildEnv(goos, goarch string) []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
}

func (r *release) write(name string, fill func(*bytes.Buffer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, name), b.Bytes(), 0o644)
}

// debian makes the package of one architecture from the program in the folder work.
func (r *release) debian(ctx context.Context, work, goarch string) error {
	env := append(os.Environ(), "DIST_ARCH="+goarch, "DIST_VERSION="+r.version, "DIST_FOLDER="+work,
		"SOURCE_DATE_EPOCH="+strconv.FormatInt(r.time.Unix(), 10))
	return call(ctx, env, r.nfpm, "package", "--config", "packaging/debian/nfpm.yaml", "--packager", "deb", "--target", r.out)
}

// sum writes the checksums to SHA256SUMS, in the format of sha256sum --check.
func (r *release) sum() error {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	var b strings.Builder
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(r.out, f.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), f.Name())
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(b.String()), 0o644)
}

// call runs a program. Its error contains the output of the program.
func call(ctx context.Context, env []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = env
	if out, err := c.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err), errors.New(strings.TrimSpace(string(out))))
	}
	return nil
}
