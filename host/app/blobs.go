package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"switchboard/host/blobs"
	"switchboard/host/picture"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

const (
	// uploadFirst is how long a picture that is attached may take to reach the
	// network before it is spoken of; after that it goes on by itself.
	uploadFirst = 10 * time.Second
	// avatarTime bounds setting a picture of a person or group.
	avatarTime = 60 * time.Second
)

var errAwayFromNetwork = errors.New("The picture comes when you are connected again.")

// blobNet is the account's network as the blobs need it.
type blobNet struct{ a *App }

func (n blobNet) connected() error {
	n.a.mu.Lock()
	defer n.a.mu.Unlock()
	if n.a.people.connection.State != model.Connected {
		return errAwayFromNetwork
	}
	return nil
}

// Put gives a part to the network.
func (n blobNet) Put(ctx context.Context, p *contractv1.BlobPut) (*contractv1.BlobStored, error) {
	if err := n.connected(); err != nil {
		return nil, err
	}
	if err := n.a.mayAsk(); err != nil {
		return nil, err
	}
	reply, err := n.a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_BlobPut{BlobPut: p}})
	var no *refused
	if errors.As(err, &no) {
		switch no.code {
		case contractv1.Error_REFUSED, contractv1.Error_TOO_LARGE, contractv1.Error_INVALID:
			return nil, blobs.Refusal(no.Error())
		}
	}
	return reply.GetBlobStored(), err
}

// Get asks the network for a part.
func (n blobNet) Get(ctx context.Context, g *contractv1.BlobGet) (*contractv1.BlobPart, error) {
	if err := n.connected(); err != nil {
		return nil, err
	}
	reply, err := n.a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_BlobGet{BlobGet: g}})
	var no *refused
	if errors.As(err, &no) && no.code == contractv1.Error_NOT_FOUND {
		return nil, blobs.ErrGone
	}
	return reply.GetBlobPart(), err
}

func (a *App) openBlobs() (err error) {
	a.blobs, err = blobs.Open(blobs.Options{
		Dir: a.profile.Path("blobs"), Network: blobNet{a}, Log: a.log.Named("pictures"), Keep: a.faces, Changed: a.changed,
	})
	return err
}

// blobsOnline follows the connection.
func (a *App) blobsOnline(connected bool) {
	if connected && a.blobs != nil {
		a.blobs.Poke()
		for hash := range a.faces() {
			a.fetchAhead(hash)
		}
	}
}

// blobHash is a hash as the network says it, or nothing when it is none.
func blobHash(hash string) string {
	if contractv1.ValidBlob(hash) {
		return hash
	}
	return ""
}

// fetchAhead has the picture of a person or group fetched.
func (a *App) fetchAhead(hash string) {
	if hash != "" && a.blobs != nil {
		a.blobs.Want(hash, 1)
	}
}

// faces are the pictures of people and groups, which stay here.
func (a *App) faces() map[string]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]bool{}
	if a.people.account != nil {
		out[a.people.account.Avatar] = true
	}
	for _, c := range a.people.contacts {
		out[c.Avatar] = true
	}
	for _, g := range a.people.groups {
		out[blobHash(g.Picture)] = true
	}
	delete(out, "")
	return out
}

// fillUploads says what of mine the network does not have yet.
func (a *App) fillUploads(b *model.Blobs) {
	for _, u := range a.blobs.Uploads() {
		if u.Refused == "" {
			b.Waiting++
		} else {
			b.Fault = u.Refused
		}
	}
}

// Picture is a picture by its hash, fetched from the network when it is not here.
// Asked for by a person, large ones come too.
func (a *App) Picture(ctx context.Context, hash string, asked bool) ([]byte, error) {
	limit := int64(contractv1.MaxWanted)
	if asked {
		limit = contractv1.MaxSentPicture
	}
	return a.blobs.Get(ctx, hash, limit)
}

// SharePicture makes the picture of a file, or of data when there is no path, fit
// to be sent, keeps it and gives it to the network. The answer names it (see
// contractv1.Picture). It is on this computer's disk when it is answered.
func (a *App) SharePicture(ctx context.Context, path string, data []byte) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	if path != "" {
		var err error
		if data, err = readPicture(path); err != nil {
			return "", err
		}
	}
	data, p, err := picture.Fit(data)
	if err != nil {
		return "", err
	}
	if p.Hash, err = a.blobs.Add(data, 0); err != nil {
		return "", err
	}
	a.changed()
	if (blobNet{a}).connected() != nil {
		return p.String(), nil // it goes when there is a connection
	}
	first, cancel := context.WithTimeout(ctx, uploadFirst)
	defer cancel()
	var no blobs.Refusal
	if err := a.blobs.Wait(first, p.Hash); errors.As(err, &no) {
		a.blobs.Drop(p.Hash)
		a.changed()
		return "", no
	}
	return p.String(), nil
}

// SavePicture writes a picture into a new file.
func (a *App) SavePicture(ctx context.Context, hash, path string) error {
	data, err := a.Picture(ctx, hash, true)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the picture cannot be written: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("the picture cannot be written: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// SetAvatar makes the middle of a file's picture mine; an empty path removes it.
func (a *App) SetAvatar(ctx context.Context, path string) error {
	hash, err := a.face(ctx, path)
	if err != nil {
		return err
	}
	_, err = a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Profile{Profile: &contractv1.ProfileChange{Avatar: &hash}}})
	if err != nil {
		return err
	}
	a.mu.Lock()
	changed := *a.people.account
	changed.Avatar = hash
	a.people.account = &changed
	saved := savedAccount{changed, a.people.network}
	a.mu.Unlock()
	a.changed()
	return a.save(keyAccount, saved)
}

// GroupPicture makes a file's picture a group's; an empty path removes it.
func (a *App) GroupPicture(ctx context.Context, group, path string) error {
	hash, err := a.face(ctx, path)
	if err != nil {
		return err
	}
	_, err = a.ChangeGroup(ctx, model.GroupChange{Op: "picture", Group: group, Picture: hash})
	return err
}

// face brings a file's picture to the network as one of a person or group.
func (a *App) face(ctx context.Context, path string) (hash string, err error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	if (blobNet{a}).connected() != nil {
		return "", errors.New("A picture can be changed only while you are connected; try again then.")
	}
	if path == "" {
		return "", nil
	}
	data, err := readPicture(path)
	if err != nil {
		return "", err
	}
	if data, err = picture.Avatar(data); err != nil {
		return "", err
	}
	if hash, err = a.blobs.Add(data, 0); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, avatarTime)
	defer cancel()
	err = a.blobs.Wait(ctx, hash)
	var no blobs.Refusal
	if errors.As(err, &no) {
		a.blobs.Drop(hash)
	}
	return hash, err
}

// readPicture reads a file that a person chose: a path, or a file: address as
// other programs put on the clipboard.
func readPicture(path string) ([]byte, error) {
	if u, err := url.Parse(path); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		path = u.Path
	}
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("A file is named by its whole path, not %.80q.", path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("There is no file %s.", path)
	case err != nil:
		return nil, fmt.Errorf("The file cannot be read: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file with a picture.", path)
	case info.Size() > picture.MaxFile:
		return nil, picture.ErrFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("The file cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, picture.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("The file cannot be read: %w", err)
	}
	return data, nil
}
