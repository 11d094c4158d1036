package app

import (
	"context"
	"sync"
)

type echo struct{ mu sync.Mutex }

func (e *echo) stop(context.Context) {}
