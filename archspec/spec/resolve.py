"""Parsed files to a :class:`~archspec.spec.resolved.Resolved`: names linked, one model chosen, variants folded in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from archspec.diagnostics import Problem, SpecError
from archspec.limits import now
from archspec.source import NOWHERE, Source, Span
from archspec.spec import files, problems
from archspec.spec.asked import written
from archspec.spec.names import check_names
from archspec.spec.resolved import CALLER, Given, Resolved
from archspec.syntax import tree
from archspec.syntax.parser import parse, parse_expression


def resolve(
    spec: str | Path,
    builtins: frozenset[str],
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    input_shape: tuple[int, ...] | None = None,
) -> Resolved:
    """The resolved spec of one model.

    Args:
        spec: a path, the name of a shipped model, or the text of a spec.
        builtins: names that mean something everywhere (primitive ops and functions).
        model: which model of the file; may be left out where there is one, or one named like the file.
        params: values for the model's parameters; a string is read as an expression of the language.
        input_shape: replaces the declared input size, without the batch.

    Raises:
        SpecError: with every independent problem found.
    """
    if model is None and isinstance(spec, str) and files.is_shipped_name(spec):
        model = spec
    loaded = files.load(spec)
    linked = Linked(loaded, builtins)
    return linked.spec(_choose(loaded, model), params or {}, input_shape)


def model_names(loaded: files.Loaded) -> tuple[str, ...]:
    """The models that the opened file defines, in its order."""
    definitions = loaded.files[loaded.main].definitions
    return tuple(item.name for item in definitions if isinstance(item, (tree.Model, tree.Variant)))


def _choose(loaded: files.Loaded, model: str | None) -> str:
    names = model_names(loaded)
    if model is None:
        stem = Path(loaded.main).stem
        model = names[0] if len(names) == 1 else stem if stem in names else None
    if model is None or model not in names:
        raise SpecError.of(problems.NoModel(NOWHERE, loaded.main, model, names), loaded.sources)
    return model


class Linked:
    """Loaded files with what each of their names means. Making one checks every name in every file."""

    def __init__(self, loaded: files.Loaded, builtins: frozenset[str]) -> None:
        self.loaded = loaded
        self.builtins = builtins
        self.problems: list[Problem] = []
        self.definitions: dict[str, tree.Definition] = {}
        self.scopes: dict[str, dict[str, str]] = {name: {} for name in loaded.files}
        self.sources = dict(loaded.sources)
        for name, file in loaded.files.items():
            self._define(name, file)
        for name, file in loaded.files.items():
            self._import(name, file)
        for name in loaded.files:
            known = frozenset(self.scopes[name].keys() | builtins)
            self.problems += _checked(loaded.sources[name], known, now().problems)
        self._raise()

    def _raise(self) -> None:
        if self.problems:
            raise SpecError([problem.diagnostic() for problem in self.problems[: now().problems]], self.sources)

    def _report(self, problem: Problem) -> None:
        """Note a problem; enough of them end the search.

        Raises:
            SpecError: there are as many as are looked for.
        """
        self.problems.append(problem)
        if len(self.problems) >= now().problems:
            self._raise()

    def _define(self, name: str, file: tree.File) -> None:
        spans: dict[str, Span] = {}
        for item in file.definitions:
            for own, span in _defined(item):
                if own in spans:
                    self._report(problems.DefinedTwice(span, own, spans[own]))
                spans.setdefault(own, span)
                self.scopes[name][own] = f"{name}:{own}"
                self.definitions[f"{name}:{own}"] = item

    def _import(self, name: str, file: tree.File) -> None:
        for use in files.uses_of(file):
            target = self.loaded.imports[name, use.path]
            for theirs, ours, span in use.names:
                key = f"{target}:{theirs}"
                own = f"{name}:{ours}"
                if own in self.definitions and key in self.definitions and ours != "stage":
                    first = next(s for n, s in _defined(self.definitions[own]) if n == ours)
                    self._report(problems.DefinedTwice(span, ours, first))
                elif key in self.definitions:
                    self.scopes[name][ours] = key
                else:
                    self.scopes[name][ours] = key
                    known = tuple(k.split(":", 1)[1] for k in self.definitions if k.split(":", 1)[0] == target)
                    self._report(problems.NotExported(span, theirs, ".".join(use.path), known))

    def spec(self, name: str, params: Mapping[str, Any], input_shape: tuple[int, ...] | None) -> Resolved:
        """The spec of the model ``name`` of the main file."""
        main = self.loaded.main
        top = self.definitions[f"{main}:{name}"]
        given: list[Given] = []
        model, model_file, item = self._family(top, main, given)
        expectations: tuple[tree.Expect, ...] = ()
        checkpoints: list[tree.Checkpoint] = [s for s in model.body if isinstance(s, tree.Checkpoint)]
        if isinstance(item, tree.Variant):
            for statement in item.body:
                if not isinstance(statement, (tree.Expect, tree.Checkpoint)):
                    self._report(problems.VariantBody(statement.span, item.name))
            checkpoints += [s for s in item.body if isinstance(s, tree.Checkpoint)]
        expectations = tuple(s for s in item.body if isinstance(s, tree.Expect))
        given += self._caller(model, model_file, given, params)
        known = tuple(parameter.name for parameter in model.parameters)
        for value in given:
            if value.name not in known:
                self._report(problems.UnknownParameter(value.value.span, name, value.name, known))
        self._raise()
        return Resolved(
            name=name,
            doc=item.doc or model.doc,
            file=main,
            model=model,
            model_file=model_file,
            given=tuple(given),
            inputs=item.inputs,
            input_shape=input_shape,
            expectations=expectations,
            checkpoints=tuple(checkpoints),
            definitions={k: v for k, v in self.definitions.items() if not isinstance(v, tree.Variant)},
            scopes=self.scopes,
            sources={k: v.text for k, v in self.sources.items()},
        )

    def _family(
        self, item: tree.Definition, file: str, given: list[Given]
    ) -> tuple[tree.Model, str, tree.Model | tree.Variant]:
        """Follow a variant to the model with the body, gathering what the variants on the way give."""
        top, seen = item, set()
        while isinstance(item, tree.Variant):
            call = item.base
            function, arguments = (call.function, call.arguments) if isinstance(call, tree.Call) else (call, ())
            key = self.scopes[file].get(function.id) if isinstance(function, tree.Name) else None
            base = self.definitions.get(key or "")
            if key is None or key in seen or not isinstance(base, (tree.Model, tree.Variant)):
                models = tuple(
                    n for n, k in self.scopes[file].items() if isinstance(self.definitions.get(k), tree.Model)
                )
                shown = function.id if isinstance(function, tree.Name) else "this"
                self.problems.append(problems.NotAFamily(function.span, shown, models))
                self._raise()
            assert key is not None
            assert isinstance(base, (tree.Model, tree.Variant))
            seen.add(key)
            own = {value.name for value in given}
            given[:0] = [g for g in self._arguments(base, arguments, file) if g.name not in own]
            item, file = base, key.rsplit(":", 1)[0]
        assert isinstance(item, tree.Model)
        assert isinstance(top, (tree.Model, tree.Variant))
        return item, file, top

    def _arguments(
        self, base: tree.Model | tree.Variant, arguments: tuple[tree.Argument, ...], file: str
    ) -> list[Given]:
        order = [p.name for p in base.parameters] if isinstance(base, tree.Model) else []
        given: list[Given] = []
        given_at: dict[str, Span] = {}
        for index, argument in enumerate(arguments):
            name = argument.name or (order[index] if index < len(order) else f"argument {index + 1}")
            if name in [one.name for one in given]:
                self.problems.append(problems.GivenTwice(argument.span, name, given_at[name]))
            given_at[name] = argument.span
            given.append(Given(name, argument.value, file))
        return given

    def _caller(
        self, model: tree.Model, model_file: str, variants: list[Given], params: Mapping[str, Any]
    ) -> list[Given]:
        """The caller's values, written down as a text of the language so that a caret can point into it."""
        lines, starts, offset = [], [], 0
        own = {parameter.name: (parameter.default, model_file) for parameter in model.parameters}
        own |= {value.name: (value.value, value.file) for value in variants if value.name in own}
        for name, value in params.items():
            try:
                text = written(value, name in own and self._is_string(*own[name], own, isinstance(value, str)))
            except ValueError as error:
                self.problems.append(problems.BadParameterValue(NOWHERE, name, str(error)))
                text = "none"
            starts.append((name, text, offset + len(name) + 3))
            lines.append(f"{name} = {text}")
            offset += len(lines[-1]) + 1
        self.sources[CALLER] = Source(CALLER, "\n".join(lines))
        scope = self.scopes[CALLER] = dict(self.scopes[model_file])
        given = []
        for name, text, start in starts:
            try:
                value = parse_expression(Source(CALLER, text), start, CALLER)
            except SpecError as error:
                raise SpecError(error.diagnostics, {CALLER: Source(CALLER, text)}) from None
            self._reach_std(value, scope)
            file = tree.File(None, (), (tree.Bind((), value, value.span),))
            whole = isinstance(value, tree.Name)
            for problem in check_names(file, scope.keys() | self.builtins):
                self._report(replace(problem, whole=whole) if isinstance(problem, problems.UnknownName) else problem)
            given.append(Given(name, value, CALLER))
        return given

    def _is_string(
        self, value: tree.Expr | None, file: str, own: Mapping[str, tuple[tree.Expr | None, str]], alone: bool
    ) -> bool:
        """Whether a parameter's own value is a string, or a list of them: so is a caller's, ``alone`` or in a list."""
        seen: set[str] = set()

        def of(node: tree.Expr | None) -> bool:
            match node:
                case tree.String():
                    return True
                case tree.List() if not alone:
                    return bool(node.items) and all(map(of, node.items))
                case tree.Conditional():
                    return of(node.yes) and of(node.no)
                case tree.Name() if node.id not in seen:
                    seen.add(node.id)
                    constant = self.definitions.get(self.scopes[file].get(node.id, ""))
                    bound = constant.value if isinstance(constant, tree.Bind) else None
                    return of(own[node.id][0] if node.id in own else bound)
            return False

        return of(value)

    def _reach_std(self, value: tree.Expr, scope: dict[str, str]) -> None:
        """A caller has no place to write ``use``: names of the standard library are in reach anyway."""
        from archspec.spec.names import names_in

        for name in names_in(value):
            if name.id in scope or name.id in self.builtins:
                continue
            where = files.find_in_std(name.id)
            if where is None:
                continue
            extra = Linked(files.load(f"use {where}: {name.id}\n"), self.builtins)
            self.definitions |= extra.definitions
            self.scopes |= {key: names for key, names in extra.scopes.items() if key != "<text>"}
            self.sources |= {key: text for key, text in extra.sources.items() if key != "<text>"}
            scope[name.id] = extra.scopes["<text>"][name.id]


@lru_cache(maxsize=256)
def _checked(source: Source, known: frozenset[str], most: int) -> tuple[Problem, ...]:
    """The first problems with the names of one text; texts seldom change between two calls."""
    return tuple(islice(check_names(parse(source), known), most))


def _defined(item: tree.Definition) -> list[tuple[str, Span]]:
    if isinstance(item, tree.Bind):
        return [(target.id, target.span) for target in item.targets]
    return [(item.name, item.span)]
