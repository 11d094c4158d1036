package page

import (
	"context"

	"switchboard/shared/model"
)

// Doors is what the window needs from the host about networks: finding one,
// letting people in, and carrying one. Safe for concurrent use; all of it may
// block, and errors are sentences for people.
type Doors interface {
	// Discover looks for networks near this computer and joins none; it works
	// before there is an account.
	Discover(ctx context.Context) ([]model.FoundNetwork, error)
	// AnswerJoin lets somebody of Snapshot.Joins into my network, or not.
	AnswerJoin(ctx context.Context, id string, allow bool) error
	// InviteFor makes an invitation for a number of people and days; 0 leaves
	// either to the network.
	InviteFor(ctx context.Context, uses, days int) (link string, err error)
	// Invitations are those that are open: mine, or all for an owner.
	Invitations(ctx context.Context) ([]model.Invitation, error)
	RevokeInvitation(ctx context.Context, id string) error
	// Carry changes how this computer carries its network, and tells it.
	Carry(ctx context.Context, c model.CarryChange) (model.Carry, error)
	// Others is how many devices of other computers Quit would cut off.
	Others(ctx context.Context) (int, error)
}
