//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// peersFolder has the servers to compare with.
func (b *bench) peersFolder() string { return filepath.Join(b.root, "test", "load", "peers") }

// installPeers installs the packages of the peers, once.
func (b *bench) installPeers() error {
	if _, err := os.Stat(filepath.Join(b.peersFolder(), "node_modules", "@socket.io", "bun-engine")); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = b.peersFolder()
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in test/load/peers: %w\n%s", err, out)
	}
	return nil
}

// A runtime of JavaScript that a peer runs on.
type javaScript struct {
	program string // its path; empty: it is not there
	version string
}

// peers reports which of the peers are to be measured.
func (b *bench) peers() (hasNode, hasBun bool, err error) {
	wantsNode, wantsBun := b.isBeside(nodeArg), b.isBeside(bunArg)
	if !b.hasPeers && (wantsNode || wantsBun) {
		b.hasPeers = true
		err = b.findPeers()
	}
	return wantsNode && b.node.program != "", wantsBun && b.bun.program != "", err
}

// peerVersions is for the line above the tables.
func (b *bench) peerVersions() (text string) {
	if b.node.program != "" {
		text += "Node " + b.node.version + ", "
	}
	if b.bun.program != "" {
		text += "Bun " + b.bun.version + ", "
	}
	return text
}

// findPeers looks for the programs of the peers, and says which are missing.
func (b *bench) findPeers() error {
	path, err := exec.LookPath("node")
	if err != nil {
		b.note("Node is not installed: nothing to compare with")
		return nil
	}
	if err := b.installPeers(); err != nil {
		return err
	}
	b.node = javaScript{program: path}
	if b.node.version, err = versionOf(path); err != nil {
		return err
	}
	if b.protocol != 4 {
		b.note("the engine of socket.io for Bun speaks Engine.IO 4 only: Bun is left out")
		return nil
	}
	if b.bun = findBun(b.peersFolder()); b.bun.program == "" {
		b.note("there is no Bun for this machine (%s): it is left out", runtime.GOARCH)
	}
	return nil
}

// bunPackages are the packages with the program, by architecture. npm installs those for the C library of this machine. The
// script of the package bun, which would choose one of them, does not run.
var bunPackages = map[string][]string{
	"amd64": {"bun-linux-x64", "bun-linux-x64-musl", "bun-linux-x64-baseline", "bun-linux-x64-musl-baseline"},
	"arm64": {"bun-linux-aarch64", "bun-linux-aarch64-musl"},
}

// findBun returns the first program that is installed and runs.
func findBun(folder string) javaScript {
	info, _ := os.ReadFile("/proc/cpuinfo") // without it, the packages for old processors remain
	for _, name := range bunFor(runtime.GOARCH, string(info)) {
		program := filepath.Join(folder, "node_modules", "@oven", name, "bin", "bun")
		if version, err := versionOf(program); err == nil {
			return javaScript{program, "v" + strings.TrimPrefix(version, "v")}
		}
	}
	return javaScript{}
}

// bunFor returns the packages that can run on a processor. On x64, those without baseline in their name need AVX2.
func bunFor(architecture, cpuinfo string) []string {
	if architecture != "amd64" || slices.Contains(strings.Fields(cpuinfo), "avx2") {
		return bunPackages[architecture]
	}
	return slices.DeleteFunc(slices.Clone(bunPackages[architecture]), func(name string) bool { return !strings.HasSuffix(name, "-baseline") })
}

func versionOf(program string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", program, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// startNode and startBun run the servers in peers.
func (b *bench) startNode() (*server, error) { return asPeer(start(node, b.nodeCommand())) }
func (b *bench) startBun() (*server, error)  { return asPeer(start(bun, b.bunCommand())) }

func (b *bench) startNodeTLS() (*server, error) {
	return b.trusted(asPeer(start(nodeTLS, b.withCertificate(b.nodeCommand()))))
}

func (b *bench) startBunTLS() (*server, error) {
	return b.trusted(asPeer(start(bunTLS, b.withCertificate(b.bunCommand()))))
}

func asPeer(s *server, err error) (*server, error) {
	if err == nil {
		s.isPeer = true
	}
	return s, err
}

func (b *bench) nodeCommand() *exec.Cmd {
	cmd := exec.Command(b.node.program, "server.js")
	cmd.Dir = b.peersFolder()
	return cmd
}

func (b *bench) bunCommand() *exec.Cmd {
	cmd := exec.Command(b.bun.program, "bun.mjs")
	cmd.Dir = b.peersFolder()
	return cmd
}
