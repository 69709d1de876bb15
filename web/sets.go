package web

import (
	"fmt"
	"html/template"
	"path"
	text "text/template"
	"text/template/parse"
)

// trees are the definitions of template files, by file and name. Each file is parsed once.
type trees map[string]map[string]*parse.Tree

func parsePages(files []string, funcs template.FuncMap) (trees, error) {
	out := trees{}
	for _, f := range files {
		b, err := pageFiles.ReadFile(f)
		if err != nil {
			return nil, err
		}
		name := path.Base(f)
		t, err := text.New(name).Funcs(text.FuncMap(funcs)).Parse(string(b))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		out[f] = map[string]*parse.Tree{}
		for _, d := range t.Templates() {
			if d.Name() != name { // what stands outside definitions is white space
				out[f][d.Name()] = d.Tree
			}
		}
	}
	return out, nil
}

// set joins files to the templates of one page, with copies of what it can reach: all of
// them for each page and language are forty megabytes (measured). What a later file defines
// anew counts, unless it is empty. own is how many of the last files are the page's own.
func (x trees) set(name string, funcs template.FuncMap, files []string, own int) (*template.Template, error) {
	all := map[string]*parse.Tree{}
	roots := []string{"layout"}
	for i, f := range files {
		for def, tree := range x[f] {
			if old := all[def]; old == nil || !parse.IsEmptyTree(tree.Root) {
				all[def] = tree
			}
			if i >= len(files)-own {
				roots = append(roots, def)
			}
		}
	}
	t := template.New(name).Funcs(funcs).Option("missingkey=error")
	for def := range reached(all, roots) {
		if _, err := t.AddParseTree(def, all[def].Copy()); err != nil {
			return nil, fmt.Errorf("joining page %s: %w", name, err)
		}
	}
	return t, nil
}

// reached are the templates that can be called from the roots.
func reached(all map[string]*parse.Tree, roots []string) map[string]bool {
	out := map[string]bool{}
	var visit func(parse.Node)
	enter := func(name string) {
		if tree := all[name]; tree != nil && !out[name] {
			out[name] = true
			visit(tree.Root)
		}
	}
	branch := func(b parse.BranchNode) {
		visit(b.List)
		if b.ElseList != nil {
			visit(b.ElseList)
		}
	}
	visit = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			for _, c := range n.Nodes {
				visit(c)
			}
		case *parse.IfNode:
			branch(n.BranchNode)
		case *parse.RangeNode:
			branch(n.BranchNode)
		case *parse.WithNode:
			branch(n.BranchNode)
		case *parse.TemplateNode:
			enter(n.Name)
		}
	}
	for _, r := range roots {
		enter(r)
	}
	return out
}
