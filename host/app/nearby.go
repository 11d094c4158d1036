package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"switchboard/host/dial"
	"switchboard/host/discover"
	"switchboard/host/policy"
	contractv1 "switchboard/shared/contract/v1"
)

// errProxyNearby: asking the neighbourhood goes past any proxy.
var errProxyNearby = errors.New("networks nearby are not looked for while a proxy is used, since that would go past it; use an invitation link")

// browseCall asks the local network for services on behalf of a plugin.
func (a *App) browseCall(plugin string, id uint64, c *contractv1.BrowseCall) *contractv1.HostReply {
	if v := a.decide(policy.Question{Ask: policy.AskDial, Plugin: plugin, Value: c.Service}); !v.Allowed {
		return failed(id, contractv1.Error_REFUSED, errors.New(v.Reason))
	}
	if wayOf(a.settings.Get).Kind != dial.Direct {
		return failed(id, contractv1.Error_REFUSED, errProxyNearby)
	}
	found, err := discover.Browse(a.ctx, c.Service, time.Duration(c.WaitMs)*time.Millisecond)
	if err != nil {
		return failed(id, contractv1.Error_UNAVAILABLE, fmt.Errorf("networks nearby cannot be looked for: %w", err))
	}
	r := &contractv1.BrowseReply{}
	for _, s := range found {
		one := &contractv1.Nearby{Instance: strings.ToValidUTF8(s.Instance, "?"), Addresses: s.Addresses}
		for _, t := range s.Text {
			one.Text = append(one.Text, strings.ToValidUTF8(t, "?"))
		}
		r.Services = append(r.Services, one)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_Browse{Browse: r}}
}
