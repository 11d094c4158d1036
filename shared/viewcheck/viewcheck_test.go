package viewcheck

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

func button(id string) *contractv1.Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Button{Button: &contractv1.Button{Text: "x"}}}
}

func column(children ...*contractv1.Node) *contractv1.Node {
	return &contractv1.Node{Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: children}}}
}

func deep(n int) *contractv1.Node {
	root := column()
	for range n - 1 {
		root = column(root)
	}
	return root
}

func listNode(id string) *contractv1.Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_List{List: &contractv1.List{}}}
}

func words(n int) *contractv1.Node {
	return &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: strings.Repeat("x", n)}}}
}

func menu(ids ...string) *contractv1.Node {
	m := &contractv1.Menu{}
	for _, id := range ids {
		m.Items = append(m.Items, &contractv1.Item{Id: id})
	}
	return &contractv1.Node{Id: "m", Body: &contractv1.Node_Menu{Menu: m}}
}

func TestTree(t *testing.T) {
	slider := func(lo, hi float64) *contractv1.Node {
		return &contractv1.Node{Id: "s", Body: &contractv1.Node_Slider{Slider: &contractv1.Slider{Min: lo, Max: hi}}}
	}
	many := func(n int) *contractv1.Node {
		all := make([]*contractv1.Node, n)
		for i := range all {
			all[i] = words(1)
		}
		return column(all...)
	}
	for name, c := range map[string]struct {
		node    *contractv1.Node
		compact bool
		want    string
	}{
		"good":              {column(words(3), button("a"), listNode("l"), nil), false, ""},
		"good compact":      {column(words(3), button("a")), true, ""},
		"nothing":           {nil, false, "needs a node"},
		"too large":         {words(contractv1.MaxTree), false, "bytes, more than"},
		"compact too large": {words(contractv1.MaxCompact), true, "bytes, more than"},
		"deepest":           {deep(contractv1.MaxDepth), false, ""},
		"too deep":          {deep(contractv1.MaxDepth + 1), false, "deeper than"},
		"most nodes":        {many(contractv1.MaxNodes - 1), false, ""},
		"too many nodes":    {many(contractv1.MaxNodes), false, "more than 2000 nodes"},
		"no id":             {column(button("")), false, "button needs an id"},
		"long id":           {button(strings.Repeat("x", MaxID+1)), false, "longer than"},
		"same id":           {column(button("a"), button("a")), false, "stands for two"},
		"compact list":      {listNode("l"), true, "no lists"},
		"compact session":   {&contractv1.Node{Body: &contractv1.Node_Session{}}, true, "no other session"},
		"session":           {&contractv1.Node{Body: &contractv1.Node_Session{}}, false, ""},
		"menu":              {menu("a", "b"), false, ""},
		"menu same id":      {menu("a", "a"), false, "different ids"},
		"menu no id":        {menu(""), false, "different ids"},
		"menu too long":     {menu(make([]string, MaxEntries+1)...), false, "more than 200 entries"},
		"slider":            {slider(0, 1), false, ""},
		"slider empty":      {slider(1, 1), false, "empty range"},
		"slider NaN":        {slider(math.NaN(), 1), false, "not a number"},
		"picture": {&contractv1.Node{Body: &contractv1.Node_Image{Image: &contractv1.Image{Width: MaxPicture + 1}}},
			false, "pixels"},
		"grid": {&contractv1.Node{Body: &contractv1.Node_Grid{Grid: &contractv1.Grid{Columns: 65}}}, false, "columns"},
		"chip": {&contractv1.Node{Id: "c", Body: &contractv1.Node_Chips{Chips: &contractv1.Chips{
			Chips: []*contractv1.Chip{{}}}}}, false, "chip needs an id"},
		"editor": {&contractv1.Node{Id: "e", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{
			MaxBytes: contractv1.MaxEditor + 1}}}, false, "text of more"},
		"inside an editor": {&contractv1.Node{Id: "e", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{
			Trailing: []*contractv1.Node{button("")}}}}, false, "needs an id"},
	} {
		err := Tree(c.node, c.compact)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
}

func TestLists(t *testing.T) {
	item := func(key string, n *contractv1.Node) *contractv1.ListItem {
		return &contractv1.ListItem{Key: key, Node: n}
	}
	items := func(all ...*contractv1.ListItem) error { return Items(&contractv1.ListItems{List: "l", Items: all}) }
	patch := func(op *contractv1.ListOp) error {
		return Patch(&contractv1.ListPatch{List: "l", Ops: []*contractv1.ListOp{op}})
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"good":         {items(item("1", words(1)), item("2", words(1))), ""},
		"same key":     {items(item("1", words(1)), item("1", words(1))), "twice"},
		"no key":       {items(item("", words(1))), "a key has"},
		"reserved key": {items(item("$end", words(1))), "a key has"},
		"no node":      {items(item("1", nil)), "no node"},
		"too large":    {items(item("1", words(MaxItem))), "more than"},
		"list in item": {items(item("1", listNode("x"))), "no lists"},
		"too many":     {items(make([]*contractv1.ListItem, contractv1.MaxListItems+1)...), "more than 200"},
		"no list":      {Items(&contractv1.ListItems{}), "needs an id"},
		"insert":       {patch(&contractv1.ListOp{Op: &contractv1.ListOp_Insert{Insert: &contractv1.ListInsert{After: "$end", Item: item("1", words(1))}}}), ""},
		"insert none":  {patch(&contractv1.ListOp{Op: &contractv1.ListOp_Insert{Insert: &contractv1.ListInsert{}}}), "a key has"},
		"replace":      {patch(&contractv1.ListOp{Op: &contractv1.ListOp_Replace{Replace: item("1", nil)}}), "no node"},
		"remove":       {patch(&contractv1.ListOp{Op: &contractv1.ListOp_Remove{Remove: ""}}), "a key has"},
		"unknown op":   {patch(&contractv1.ListOp{}), ""},
		"many ops":     {Patch(&contractv1.ListPatch{List: "l", Ops: make([]*contractv1.ListOp, contractv1.MaxListItems+1)}), "more than 200"},
		"scroll":       {Command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_ScrollTo{ScrollTo: &contractv1.ScrollTo{List: "l"}}}), "a key has"},
		"set text": {Command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_SetText{
			SetText: &contractv1.SetText{Node: "e", Text: strings.Repeat("x", contractv1.MaxEditor+1)}}}), "more than"},
		"focus": {Command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_Focus{Focus: &contractv1.FocusNode{}}}), "named by"},
		"copy":  {Command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_Copy{Copy: &contractv1.Copy{Text: "x"}}}), ""},
	} {
		if c.want == "" && c.err != nil || c.want != "" && (c.err == nil || !strings.Contains(c.err.Error(), c.want)) {
			t.Errorf("%s: want %q, got %v", name, c.want, c.err)
		}
	}
}

// FuzzTree: any tree that can arrive is checked without panic, and one that
// passes has no unnamed control and is within the bounds.
func FuzzTree(f *testing.F) {
	for _, n := range []*contractv1.Node{column(words(3), button("a"), listNode("l")), deep(40), menu("a", "a"),
		{Id: "e", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Banner: words(1)}}}} {
		data, err := proto.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, false)
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, compact bool) {
		var n contractv1.Node
		if proto.Unmarshal(data, &n) != nil {
			return
		}
		if Tree(&n, compact) == nil && compact && proto.Size(&n) > contractv1.MaxCompact {
			t.Fatal("a compact view beyond its bound passed")
		}
		_ = Items(&contractv1.ListItems{List: "l", Items: []*contractv1.ListItem{{Key: "k", Node: &n}}})
	})
}
