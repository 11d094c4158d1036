package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// pictures are my picture, and pictures in conversations as files.
func (c *command) pictures() []*cobra.Command {
	set := leaf("set FILE", "show the middle of a PNG, JPEG or GIF to others", cobra.ExactArgs(1),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			path, err := wholePath(args[0])
			if err != nil {
				return err
			}
			_, err = host.SetAvatar(ctx, &controlv1.PictureRequest{Path: path})
			return err
		}))
	clear := leaf("clear", "show my initials again", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		_, err := host.SetAvatar(ctx, &controlv1.PictureRequest{})
		return err
	}))
	save := leaf("picture HASH FILE", "write a picture of a message, as history names it, into a new file", cobra.ExactArgs(2),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			path, err := wholePath(args[1])
			if err != nil {
				return err
			}
			_, err = host.SavePicture(ctx, &controlv1.SavePictureRequest{Hash: args[0], Path: path})
			return err
		}))
	return []*cobra.Command{group("avatar", "the picture that others see of me", set, clear), save}
}

func (c *command) groupPicture(ctx context.Context, host *control.Client, args []string) error {
	r := &controlv1.GroupPictureRequest{Group: args[0]}
	if args[1] != "none" {
		var err error
		if r.Path, err = wholePath(args[1]); err != nil {
			return err
		}
	}
	_, err := host.GroupPicture(ctx, r)
	return err
}

// wholePath is a path as the host can open it, which runs in another folder.
func wholePath(file string) (string, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be found: %w", file, err)
	}
	return path, nil
}
