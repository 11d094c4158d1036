package app

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"time"

	"switchboard/host/dial"
	"switchboard/host/policy"
	"switchboard/host/supervise"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// sink routes what plugins say. The bridge has checked every frame: that the
// session is open, that the grants suffice and that the bounds are kept.
type sink App

// PluginUp tells who waits for the plugin.
func (s *sink) PluginUp(id string, _ *contractv1.Ready) {
	a := (*App)(s)
	a.engine.PluginUp(id)
	if a.isNetwork(id) {
		a.net.up()
	}
}

// PluginDown tells who had something open with the plugin.
func (s *sink) PluginDown(id string, err error) {
	a := (*App)(s)
	a.engine.PluginDown(id, err)
	a.searches.down(id)
	if !a.isNetwork(id) {
		return
	}
	a.net.down(err)
	if a.ctx.Err() == nil {
		a.networkLost(model.Connection{State: model.Connecting, Detail: "the network plugin is being started again"})
	}
}

// PluginRoom is the engine's.
func (s *sink) PluginRoom(id string, handle uint32) { (*App)(s).engine.PluginRoom(id, handle) }

// PluginFrame routes one frame.
func (s *sink) PluginFrame(id string, f *contractv1.PluginFrame) {
	a := (*App)(s)
	switch body := f.Body.(type) {
	case *contractv1.PluginFrame_NetReply:
		a.net.answer(id, body.NetReply)
	case *contractv1.PluginFrame_SearchReply:
		a.searches.answer(id, body.SearchReply)
	case *contractv1.PluginFrame_NetEvent:
		a.netEvent(id, body.NetEvent)
	case *contractv1.PluginFrame_Call:
		a.hostCall(id, f, body.Call)
	default:
		a.engine.PluginFrame(id, f)
	}
}

func (a *App) isNetwork(id string) bool {
	m, ok := a.Manifest(id)
	return ok && m.Kind == manifest.Network
}

// netEvent hands an event of the account's network plugin to whom it concerns.
func (a *App) netEvent(id string, e *contractv1.NetEvent) {
	if now, err := a.net.plugin(); err != nil || now != id {
		return // another network plugin than the account's has nothing to tell
	}
	switch body := e.Event.(type) {
	case *contractv1.NetEvent_Connection:
		a.engine.NetEvent(e)
		a.connectionChanged(connectionOf(body.Connection))
	case *contractv1.NetEvent_Roster:
		a.rosterChanged(body.Roster)
	case *contractv1.NetEvent_Presence:
		a.presenceChanged(body.Presence)
		a.engine.NetEvent(e)
	case *contractv1.NetEvent_Devices:
		a.devicesChanged(devicesOf(body.Devices))
	case *contractv1.NetEvent_Links:
		a.linksChanged(body.Links)
	case *contractv1.NetEvent_Progress:
		a.signUpWaits(body.Progress)
	case *contractv1.NetEvent_Groups:
		a.groupsChanged(body.Groups)
	case *contractv1.NetEvent_Info:
		a.infoChanged(body.Info)
		a.engine.NetEvent(e)
	case *contractv1.NetEvent_Joins:
		a.joinsChanged(body.Joins)
	case *contractv1.NetEvent_SignedOut:
		a.networkLost(model.Connection{State: model.RefusedState, Detail: body.SignedOut.Reason})
	default:
		a.engine.NetEvent(e)
	}
}

// hostCall answers the calls that are the app's; the others are the engine's.
func (a *App) hostCall(id string, f *contractv1.PluginFrame, c *contractv1.HostCall) {
	// Dialling takes its time, so it has a goroutine; the bridge bounds open calls.
	switch call := c.Call.(type) {
	case *contractv1.HostCall_Secret:
		a.reply(id, f.Session, a.secretCall(id, c.Id, call.Secret))
	case *contractv1.HostCall_Dial:
		a.spawn(func() { a.reply(id, f.Session, a.dialCall(id, c.Id, call.Dial)) })
	case *contractv1.HostCall_Companion:
		a.spawn(func() { a.reply(id, f.Session, a.companionCall(id, c.Id, call.Companion)) })
	case *contractv1.HostCall_Browse:
		a.spawn(func() { a.reply(id, f.Session, a.browseCall(id, c.Id, call.Browse)) })
	case *contractv1.HostCall_BlobWant:
		if call.BlobWant.Give {
			a.spawn(func() { a.reply(id, f.Session, a.blobGiveCall(id, c.Id, call.BlobWant)) })
			return
		}
		a.blobs.Want(call.BlobWant.Hash, call.BlobWant.Size)
		a.reply(id, f.Session, &contractv1.HostReply{Id: c.Id, Reply: &contractv1.HostReply_Done{Done: &contractv1.Empty{}}})
	case *contractv1.HostCall_BlobPut:
		a.spawn(func() { a.reply(id, f.Session, a.blobPutCall(id, c.Id, call.BlobPut)) })
	case *contractv1.HostCall_BlobGet:
		a.spawn(func() { a.reply(id, f.Session, a.blobGetCall(c.Id, call.BlobGet)) })
	default:
		a.engine.PluginFrame(id, f)
	}
}

func (a *App) reply(id string, handle uint32, r *contractv1.HostReply) {
	err := a.sup.Send(id, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Reply{Reply: r}})
	if err != nil && !errors.Is(err, supervise.ErrNotRunning) {
		a.log.Warn("answer could not be given", "plugin", id, "error", err)
	}
}

func failed(id uint64, code contractv1.Error_Code, err error) *contractv1.HostReply {
	return &contractv1.HostReply{Id: id, Error: &contractv1.Error{Code: code, Message: err.Error()}}
}

func (a *App) secretCall(plugin string, id uint64, c *contractv1.SecretCall) *contractv1.HostReply {
	if c.Set {
		if err := a.secrets.set(plugin, c.Name, c.Value); err != nil {
			return failed(id, contractv1.Error_INTERNAL, err)
		}
		return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_Done{Done: &contractv1.Empty{}}}
	}
	value, found, err := a.secrets.get(plugin, c.Name)
	if err != nil {
		return failed(id, contractv1.Error_INTERNAL, err)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_Secret{Secret: &contractv1.SecretReply{Value: value, Found: found}}}
}

// callTime is what a plugin asked for, within bounds.
func callTime(ms uint32) time.Duration {
	if ms == 0 {
		return contractv1.CallTimeout
	}
	return min(time.Duration(ms)*time.Millisecond, dial.MaxTimeout)
}

func (a *App) dialCall(plugin string, id uint64, c *contractv1.DialCall) *contractv1.HostReply {
	if v := a.decide(policy.Question{Ask: policy.AskDial, Plugin: plugin, Value: c.Address}); !v.Allowed {
		return failed(id, contractv1.Error_REFUSED, errors.New(v.Reason))
	}
	a.ways.note(plugin)
	conn, err := a.dialer.Dial(a.ctx, c.Network, c.Address, callTime(c.TimeoutMs))
	if err != nil {
		return failed(id, contractv1.Error_UNAVAILABLE, err)
	}
	defer conn.File.Close()
	return a.handOver(plugin, id, conn.File, conn.Local, conn.Remote)
}

func (a *App) companionCall(plugin string, id uint64, c *contractv1.CompanionCall) *contractv1.HostReply {
	if v := a.decide(policy.Question{Ask: policy.AskCompanion, Plugin: plugin}); !v.Allowed {
		return failed(id, contractv1.Error_REFUSED, errors.New(v.Reason))
	}
	ctx, cancel := context.WithTimeout(a.ctx, callTime(c.TimeoutMs))
	defer cancel()
	f, err := a.sup.Companion(ctx, plugin, c.OnlyIfRunning)
	if errors.Is(err, supervise.ErrNoCompanion) {
		return failed(id, contractv1.Error_NOT_FOUND, err)
	}
	if err != nil {
		return failed(id, contractv1.Error_UNAVAILABLE, err)
	}
	defer f.Close()
	a.changed() // its process stands in the plugin's row
	return a.handOver(plugin, id, f, "", "companion")
}

// handOver passes a connected socket under a fresh token.
func (a *App) handOver(plugin string, id uint64, f *os.File, local, remote string) *contractv1.HostReply {
	token := make([]byte, 16)
	rand.Read(token)
	if err := a.sup.SendDescriptor(plugin, token, f); err != nil {
		return failed(id, contractv1.Error_UNAVAILABLE, err)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_Dial{Dial: &contractv1.DialReply{Token: token, Local: local, Remote: remote}}}
}

// locale is the person's language as a BCP 47 tag: the one of the setting, or with
// "system" that of the environment.
func locale(setting string) string {
	if forced := os.Getenv("SWITCHBOARD_LANG"); forced != "" {
		return forced // for tests of the languages
	}
	if setting != "" && setting != "system" {
		return setting
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value, _, _ := strings.Cut(os.Getenv(name), ".")
		value, _, _ = strings.Cut(value, "@")
		switch value {
		case "":
			continue
		case "C", "POSIX":
			return "en"
		}
		return strings.ReplaceAll(value, "_", "-")
	}
	return "en"
}
