package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"switchboard/shared/model"
)

// Search looks for a text in what plugins keep, newest first.
func (a *App) Search(ctx context.Context, q model.Query) (model.Found, error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	var out model.Found
	for _, c := range a.current().Conversations {
		if q.Conversation != "" && c.ID != q.Conversation {
			continue
		}
		data, err := json.Marshal(map[string]any{"query": q.Text, "limit": q.Limit})
		if err != nil {
			return out, err
		}
		answer, err := a.Command(ctx, c.ID, "", "search", data)
		if err != nil {
			out.Fault = fmt.Sprintf("%s could not be searched: %v.", c.Title, err)
			continue
		}
		var found []struct {
			ID, From, Text string
			Time           time.Time
		}
		if err := json.Unmarshal(answer, &found); err != nil {
			return out, fmt.Errorf("the plugin's answer to search cannot be understood: %w", err)
		}
		for _, f := range found {
			out.Hits = append(out.Hits, model.Hit{Key: model.SessionKey{Conversation: c.ID, Session: "im"}, Item: f.ID,
				From: f.From, Name: a.nameOf(f.From), Title: c.Title, Time: f.Time, Text: f.Text})
		}
	}
	slices.SortStableFunc(out.Hits, func(x, y model.Hit) int { return y.Time.Compare(x.Time) })
	out.Hits = out.Hits[:min(len(out.Hits), q.Limit)]
	return out, nil
}
