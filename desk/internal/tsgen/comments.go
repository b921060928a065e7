package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// comments reads the doc comments of types and fields in the packages at root, by "pkg.Type" and "pkg.Type.Field".
func comments(root string, packages ...string) (map[string]string, error) {
	docs := map[string]string{}
	for _, p := range packages {
		entries, err := os.ReadDir(filepath.Join(root, p))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, p, e.Name()), nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, s := range d.Specs {
						ofType(docs, f.Name.Name, d, s.(*ast.TypeSpec))
					}
				}
				return true
			})
		}
	}
	return docs, nil
}

func ofType(docs map[string]string, pkg string, d *ast.GenDecl, s *ast.TypeSpec) {
	name := pkg + "." + s.Name.Name
	docs[name] = clean(s.Doc.Text() + d.Doc.Text())
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			docs[name+"."+n.Name] = clean(f.Doc.Text() + f.Comment.Text())
		}
	}
}

func clean(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "*/", "* /") }
