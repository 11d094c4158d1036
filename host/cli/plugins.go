package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"switchboard/host/catalog"
	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// plugins are the rows of the plugins page, and the author's tools.
func (c *command) plugins() *cobra.Command {
	list := c.listing("list", "installed plugins", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.Plugins(ctx, nothing)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(newPlugins(reply.Plugins))
		}
		for _, p := range reply.Plugins {
			if err := c.line(pluginLine(p)); err != nil {
				return err
			}
		}
		return nil
	}))
	g := group("plugin", "plugins", list)
	for _, op := range []struct{ name, short string }{
		{"enable", "switch a plugin on"}, {"disable", "switch a plugin off; it stops at once"}, {"restart", "start a plugin again, a parked one too"},
	} {
		g.AddCommand(leaf(op.name+" ID", op.short, cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.Plugin(ctx, &controlv1.PluginRequest{Op: op.name, Id: args[0]})
			return err
		})))
	}
	var dir string
	create := leaf("new NAME", "write the folder of a new plugin that works", cobra.ExactArgs(1), doing(func(_ *cobra.Command, args []string) error {
		if err := catalog.New(args[0], dir); err != nil {
			return err
		}
		return c.line("Wrote " + args[0] + "; read its README.md next.")
	}))
	create.Flags().StringVar(&dir, "dir", ".", "where the folder is made")
	g.AddCommand(create, leaf("check DIR", "say what is wrong with a plugin's folder", cobra.ExactArgs(1), doing(c.check)))
	return g
}

func (c *command) check(_ *cobra.Command, args []string) error {
	problems := catalog.Check(args[0])
	bad := 0
	for _, p := range problems {
		kind := "error"
		if p.Warning {
			kind = "warning"
		} else {
			bad++
		}
		place := p.File
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
		if err := c.line(fmt.Sprintf("%s: %s: %s", place, kind, p.Message)); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of these would keep the plugin from running", bad)
	}
	return c.line("A host would take this plugin.")
}

// settings are read and changed in the running host.
func (c *command) settings() *cobra.Command {
	read := func(ctx context.Context, host *control.Client) ([]settingRow, error) {
		reply, err := host.Settings(ctx, nothing)
		if err != nil {
			return nil, err
		}
		rows := make([]settingRow, 0, len(reply.Settings))
		for _, s := range reply.Settings {
			rows = append(rows, settingRow{s.Key, s.Title, s.Help, s.Page, s.Kind, s.Value, s.Default, s.Choices, s.Locked})
		}
		return rows, nil
	}
	list := c.listing("list", "all settings", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		rows, err := read(ctx, host)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(rows)
		}
		for _, r := range rows {
			if err := c.line(fmt.Sprintf("%s = %s", r.Key, r.Value)); err != nil {
				return err
			}
		}
		return nil
	}))
	get := leaf("get KEY", "print a setting's value", cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		rows, err := read(ctx, host)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(r settingRow) bool { return r.Key == args[0] })
		if i < 0 {
			return errors.New("there is no setting " + args[0])
		}
		return c.line(rows[i].Value)
	}))
	set := leaf("set KEY VALUE", "change a setting", cobra.ExactArgs(2), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.SetSetting(ctx, &controlv1.SettingRequest{Key: args[0], Value: args[1]})
		return err
	}))
	return group("settings", "settings of the host and of plugins", list, get, set)
}
