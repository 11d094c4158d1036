package app

import (
	"strings"
	"testing"
)

func TestFirewall(t *testing.T) {
	rule := "### tuple ### allow tcp 4430 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 4430 -j ACCEPT\n"
	for name, c := range map[string]struct {
		config   string
		has      bool
		rules    string
		hasRules bool
		active   string
		want     string
	}{
		"none":                {},
		"ufw off":             {config: "ENABLED=no\n", has: true},
		"ufw on":              {config: "# set to yes\nENABLED=yes\n", has: true, hasRules: true, want: "sudo ufw allow 4430/tcp"},
		"ufw on, rules shut":  {config: "ENABLED=\"yes\"", has: true, want: "sudo ufw allow 4430/tcp"},
		"ufw on and open":     {config: "ENABLED=yes", has: true, rules: rule, hasRules: true},
		"ufw, another port":   {config: "ENABLED=yes", has: true, rules: strings.ReplaceAll(rule, "4430", "22"), hasRules: true, want: "sudo ufw allow 4430/tcp"},
		"ufw denies the port": {config: "ENABLED=yes", has: true, rules: strings.Replace(rule, "allow", "deny", 1), hasRules: true, want: "sudo ufw allow 4430/tcp"},
		"firewalld":           {active: "firewalld", want: "sudo firewall-cmd --permanent --add-port=4430/tcp && sudo firewall-cmd --reload"},
		"rules of one's own":  {active: "nftables", want: "Whether a firewall is in the way cannot be told here; if others cannot connect, allow TCP port 4430 in it."},
	} {
		if got := judge("4430", c.config, c.has, c.rules, c.hasRules, func(u string) bool { return u == c.active }); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
