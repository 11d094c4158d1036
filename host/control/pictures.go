package control

import (
	"context"

	controlv1 "switchboard/shared/contract/control/v1"
)

// SharePicture keeps a picture to be sent.
func (s *service) SharePicture(ctx context.Context, r *controlv1.PictureRequest) (*controlv1.PictureReply, error) {
	picture, err := s.host.SharePicture(ctx, r.Path, nil)
	return &controlv1.PictureReply{Picture: picture}, refusal(err)
}

// SavePicture writes a picture into a new file.
func (s *service) SavePicture(ctx context.Context, r *controlv1.SavePictureRequest) (*controlv1.Empty, error) {
	return done(s.host.SavePicture(ctx, r.Hash, r.Path))
}

// SetAvatar sets or removes my picture.
func (s *service) SetAvatar(ctx context.Context, r *controlv1.PictureRequest) (*controlv1.Empty, error) {
	return done(s.host.SetAvatar(ctx, r.Path))
}

// GroupPicture sets or removes a group's.
func (s *service) GroupPicture(ctx context.Context, r *controlv1.GroupPictureRequest) (*controlv1.Empty, error) {
	g, err := group(s.host.Snapshot(), r.Group)
	if err != nil {
		return nil, refusal(err)
	}
	return done(s.host.GroupPicture(ctx, g.ID, r.Path))
}
