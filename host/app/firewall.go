package app

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Words about a firewall. A command stands alone in its line.
const (
	firewallUnknown = "Whether a firewall is in the way cannot be told here; if others cannot connect, allow TCP port %s in it."
	ufwConfig       = "/etc/ufw/ufw.conf"
	ufwRules        = "/etc/ufw/user.rules"
)

// firewall looks whether this system's firewall keeps others from a port, as far
// as that can be seen without its administrator's rights. It gives the one
// command that opens it, a sentence when it cannot tell, or nothing.
func firewall(ctx context.Context, port string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	active := func(unit string) bool {
		return exec.CommandContext(ctx, "systemctl", "is-active", "--quiet", unit).Run() == nil
	}
	config, err := os.ReadFile(ufwConfig)
	rules, rulesErr := os.ReadFile(ufwRules)
	return judge(port, string(config), err == nil, string(rules), rulesErr == nil, active)
}

// judge decides from what was seen.
func judge(port, config string, hasConfig bool, rules string, hasRules bool, active func(unit string) bool) string {
	switch {
	case hasConfig && ufwEnabled(config):
		if hasRules && ufwAllows(rules, port) {
			return ""
		}
		return "sudo ufw allow " + port + "/tcp"
	case active("firewalld"):
		return "sudo firewall-cmd --permanent --add-port=" + port + "/tcp && sudo firewall-cmd --reload"
	case active("nftables"), active("iptables"), active("netfilter-persistent"):
		return strings.Replace(firewallUnknown, "%s", port, 1)
	}
	return ""
}

func ufwEnabled(config string) bool {
	for lines := bufio.NewScanner(strings.NewReader(config)); lines.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "="); ok && strings.TrimSpace(name) == "ENABLED" {
			return strings.Trim(strings.ToLower(strings.TrimSpace(value)), `"'`) == "yes"
		}
	}
	return false
}

// ufwAllows finds the line that ufw writes for a port that everybody may reach.
func ufwAllows(rules, port string) bool {
	for lines := bufio.NewScanner(strings.NewReader(rules)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		// ### tuple ### allow tcp 4430 0.0.0.0/0 any 0.0.0.0/0 in
		if len(f) >= 7 && f[0] == "###" && f[1] == "tuple" && f[3] == "allow" && (f[4] == "tcp" || f[4] == "any") && f[5] == port && f[6] == "0.0.0.0/0" {
			return true
		}
	}
	return false
}
