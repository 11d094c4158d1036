package sdk

import (
	"context"
	"errors"

	"github.com/hashicorp/go-hclog"
)

// Host is the plugin's view of the program it runs in. Safe for concurrent use.
type Host struct{}

// DataDir is the only folder that the plugin may write. Absolute.
func (h *Host) DataDir() string { return "" }

// Log goes to the plugin's page in the host.
func (h *Host) Log() hclog.Logger { return hclog.NewNullLogger() }

// PluginID is the id of the manifest.
func (h *Host) PluginID() string { return "" }

// Locale is a BCP 47 tag.
func (h *Host) Locale() string { return "" }

// Setting is the value in force of one of the plugin's own settings, in text
// form; empty when there is no such setting.
func (h *Host) Setting(key string) string { return "" }

// OnSetting calls f after each change of one of the plugin's settings.
func (h *Host) OnSetting(f func(key, value string)) {}

// Granted says whether the plugin has a power of its manifest.
func (h *Host) Granted(name string) bool { return false }

// Secret reads a small secret that the host keeps for this plugin alone. Needs
// the grant "secrets".
func (h *Host) Secret(ctx context.Context, name string) (value []byte, found bool, err error) {
	return nil, false, errors.ErrUnsupported
}

// SetSecret writes a secret of at most 16 KiB.
func (h *Host) SetSecret(ctx context.Context, name string, value []byte) error {
	return errors.ErrUnsupported
}
