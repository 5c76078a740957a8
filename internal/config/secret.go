package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Secret is a value that must not appear in the list of processes, where every user of the machine can read the
// arguments of a command, or in a log. It comes from the environment, from the configuration file, or from a separate file,
// which is the value of the option with the suffix -file.
type Secret string

// secretFileSuffix is the suffix of the option that names the file of a secret.
const secretFileSuffix = "-file"

// maxSecret is the maximum size of the file of a secret, in bytes.
const maxSecret = 64 << 10

// String hides the value when a configuration is printed.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

// BeforeApply refuses a secret on the command line. Kong calls it for values of the configuration file too, which are
// marked as resolved, and for values of the environment, which are not part of the parsed arguments.
func (s Secret) BeforeApply(ctx *kong.Context, at *kong.Path) error {
	if at.Resolved || !slices.Contains(ctx.Path, at) {
		return nil
	}
	name := at.Flag.Name
	return fmt.Errorf("--%s: a secret on the command line can be read by every user of this machine; use --%s%s FILE, "+
		"%s, %s or the configuration file, and replace the secret if it was real",
		name, name, secretFileSuffix, EnvName(name+secretFileSuffix), EnvName(name))
}

// readSecrets fills in the secrets that are in separate files. It may be called more than once.
func (c *Config) readSecrets(bad report) {
	type secret struct {
		option string
		file   string
		value  *Secret
	}
	all := []secret{
		{"upload.secret-key", c.Upload.SecretKeyFile, &c.Upload.SecretKey},
		{"auth.oidc.client-secret", c.Auth.OIDC.ClientSecretFile, &c.Auth.OIDC.ClientSecret},
		{"mail.password", c.Mail.PasswordFile, &c.Mail.Password},
		{"cluster.secret", c.Cluster.SecretFile, &c.Cluster.Secret},
	}
	for i := range c.Auth.Providers {
		p := &c.Auth.Providers[i]
		all = append(all, secret{"auth.providers[" + p.ID + "].client-secret", p.ClientSecretFile, &p.ClientSecret})
	}
	for _, s := range all {
		if s.file == "" {
			continue
		}
		text, err := readSecret(s.file)
		switch {
		case err != nil:
			bad(s.option+secretFileSuffix, "%s", err)
		case *s.value != "" && *s.value != text:
			bad(s.option+secretFileSuffix, "%s is set, too; use one of them", s.option)
		default:
			*s.value = text
		}
	}
}

// readSecret returns the content of a file without the line break that editors add at its end.
func readSecret(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxSecret {
		return "", fmt.Errorf("%s has %d bytes, a secret at most %d", path, info.Size(), maxSecret)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", errors.New(path + " is empty")
	}
	return Secret(secret), nil
}
