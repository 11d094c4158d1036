package page

import (
	"context"
	"slices"
	"time"

	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Network is the page of the network one is on, and of carrying it.
type Network struct {
	carry        model.Carry
	loaded, busy bool
	failed       string
	open, ask    widget.Click
	copy, invite widget.Click
	copyKey      widget.Click
	retry        widget.Click
	reload       time.Time
	interfaces   map[string]*widget.Click
}

// reloadEvery is how often the page looks who is connected.
const reloadEvery = 10 * time.Second

// change asks the host to change how the network is carried; an empty change
// only looks.
func (p *Network) change(s *Shell, c model.CarryChange) {
	if p.busy {
		return
	}
	p.busy, p.reload = true, s.Now.Add(reloadEvery)
	s.Jobs.Go(func(ctx context.Context) func() {
		now, err := s.Backend.Carry(ctx, c)
		return func() {
			p.busy, p.failed = false, Sentence(err)
			if err == nil {
				p.carry, p.loaded = now, true
			}
		}
	})
}

func (p *Network) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if p.interfaces == nil {
		p.interfaces = make(map[string]*widget.Click)
	}
	if fresh || p.retry.Clicked(gtx) || p.loaded && p.carry.Here && s.Now.After(p.reload) {
		p.change(s, model.CarryChange{})
	}
	if p.loaded && p.carry.Here {
		gtx.Execute(op.InvalidateCmd{At: p.reload.Add(time.Millisecond)})
	}
	if p.invite.Clicked(gtx) {
		s.Go(PageInvite)
	}
	if p.copyKey.Clicked(gtx) && s.Snap.Account != nil {
		s.Copy(s.Snap.Account.NetworkKey)
	}
	out := p.about(s)
	switch {
	case p.failed != "":
		out = append(out, space(theme.Space16), named(p.failed, label(th, th.Body(), th.Danger, p.failed)), space(theme.Space8), natural(widget.Button{State: &p.retry, Text: words.Retry.Text()}.W(th)))
	case !p.loaded:
		out = append(out, space(theme.Space16), func(gtx C) D { return widget.Skeleton{Lines: 3}.Layout(gtx, th) })
	case p.carry.Here:
		out = append(out, p.carried(gtx, s)...)
	default:
		text := words.CarryNotHere.Text()
		if p.carry.Moved {
			text = words.CarryMoved.Text()
		}
		out = append(out, space(theme.Space16), named(text, label(th, th.Body(), th.Secondary, text)))
	}
	return append(out, space(theme.Space24), natural(widget.Button{State: &p.invite, Text: words.InviteSomebody.Text() + "…", Icon: "link"}.W(th)))
}

// about is the network's name, and what it keeps.
func (p *Network) about(s *Shell) []layout.Widget {
	th, me := s.Theme, s.Snap.Account
	if me == nil {
		return nil
	}
	kept := words.KeepsForEver.Text()
	if days := int(s.Snap.Retention / (24 * time.Hour)); days > 0 {
		kept = words.Days(days)
	}
	lines := []layout.Widget{
		pair(th, words.NetworkName.Text(), me.Network),
		pair(th, words.YourAddress.Text(), me.Address),
		pair(th, words.KeepsFor.Text(), kept),
	}
	if b := s.Snap.Blobs; b.Quota > 0 || b.Used > 0 {
		quota := ""
		if b.Quota > 0 {
			quota = words.Size(b.Quota)
		}
		lines = append(lines, pair(th, words.StorageUsed.Text(), words.StorageOf(words.Size(b.Used), quota)))
	}
	return []layout.Widget{group(th, lines...)}
}

// carried are the switches of a network that this computer carries.
func (p *Network) carried(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	if on := !p.carry.Open; p.open.Clicked(gtx) {
		p.change(s, model.CarryChange{Open: &on})
	}
	if on := !p.carry.Approval; p.ask.Clicked(gtx) {
		p.change(s, model.CarryChange{Approval: &on})
	}
	lines := []layout.Widget{func(gtx C) D {
		return ruleLine(gtx, s, &p.open, words.CarryOpen.Text(), words.CarryOpenText.Text(), p.carry.Open, "")
	}}
	if p.carry.Open {
		lines = append(lines, func(gtx C) D {
			return ruleLine(gtx, s, &p.ask, words.NearbyMayAsk.Text(), words.NearbyMayAskText.Text(), p.carry.Approval, "")
		})
	}
	lines = append(lines, func(gtx C) D {
		text := words.CarryOthers(p.carry.Others)
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Rigid(icon("devices", theme.IconSize, th.Secondary)), widget.Gap(theme.Space12),
			layout.Flexed(1, named(text, label(th, th.Body(), th.Text, text))))
	})
	out := []layout.Widget{heading(th, words.CarryHeading.Text()), note(th, words.CarryText.Text()), group(th, lines...)}
	if p.carry.Open && p.carry.Firewall != "" {
		out = append(out, space(theme.Space12), p.firewall(gtx, s))
	}
	var ways []layout.Widget
	for _, i := range p.carry.Interfaces {
		// The network listens on no others, whatever is chosen.
		if i.Kind != "vpn" && i.Kind != "container" {
			ways = append(ways, p.way(s, i))
		}
	}
	if p.carry.Open && len(ways) > 0 {
		out = append(out, heading(th, words.CarryWhere.Text()), note(th, words.CarryWhereText.Text()), group(th, ways...))
	}
	return out
}

// way is one network interface, on which the network listens or not.
func (p *Network) way(s *Shell, i model.CarryInterface) layout.Widget {
	click := clickOf(p.interfaces, i.Name)
	return func(gtx C) D {
		if click.Clicked(gtx) {
			p.choose(s, i.Name)
		}
		return ruleLine(gtx, s, click, words.Interface(i.Name, i.Kind), i.Address, i.Chosen, "")
	}
}

// choose takes an interface or gives it back; one at least stays.
func (p *Network) choose(s *Shell, name string) {
	var now []string
	for _, i := range p.carry.Interfaces {
		if i.Chosen != (i.Name == name) {
			now = append(now, i.Name)
		}
	}
	if slices.Sort(now); len(now) > 0 {
		p.change(s, model.CarryChange{Interfaces: now})
	}
}

// firewall shows the one command that lets others through, or what else is known.
func (p *Network) firewall(gtx C, s *Shell) layout.Widget {
	th, text := s.Theme, p.carry.Firewall
	if p.copy.Clicked(gtx) {
		s.Copy(text)
	}
	return func(gtx C) D {
		return widget.Card{Padding: theme.Space16, Ground: theme.Mix(th.Background, th.Warning, 0.10)}.Layout(gtx, th, full(func(gtx C) D {
			parts := []layout.Widget{func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Rigid(icon("security", theme.IconSize, th.Warning)), widget.Gap(theme.Space12),
					layout.Flexed(1, label(th, th.Body().Medium(), th.Text, words.CarryFirewall.Text())))
			}, space(theme.Space8)}
			if !isCommand(text) {
				return vertical(gtx, append(parts, named(text, label(th, th.Body(), th.Text, text)))...)
			}
			return vertical(gtx, append(parts, label(th, th.Body(), th.Text, words.CarryFirewallText.Text()), space(theme.Space8),
				named(text, label(th, th.Code(), th.Text, text)), space(theme.Space12),
				natural(widget.Button{State: &p.copy, Text: words.CopyCommand.Text(), Icon: "copy"}.W(th)))...)
		}))
	}
}
