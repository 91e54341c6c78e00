"""The gRPC service: from Pulumi's requests to the resource types and back. Decisions are made elsewhere."""

import logging
import os
import time
from collections.abc import Mapping

from standin.clients import Clients
from standin.config import Config, WrongConfig
from standin.diff import Difference, compare
from standin.engine import Engine
from standin.errors import NotServed, failing
from standin.inputs import Checker, after_read
from standin.protocol import empty_pb2, plugin_pb2, provider_pb2, provider_pb2_grpc
from standin.resource import Gone, Live, Resource
from standin.shapes import Shapes
from standin.values import UNKNOWN, Secret, decode, encode, has_unknown, mark_like, plain

LOG = logging.getLogger("standin")

NOTICE = (
    "this is the sandbox's stand-in for the aws provider, not the official one; it works only with the emulator at {}"
)

ADD, REMOVE, CHANGE = provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.UPDATE
REPLACING = {
    ADD: provider_pb2.PropertyDiff.ADD_REPLACE,
    REMOVE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    CHANGE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one schema. Every failure is a gRPC error that names the resource, the cause and, where there is one,
    the way out; no secret is in it."""

    def __init__(
        self,
        schema_text: str,
        schema: dict,
        types: Mapping[str, type[Resource]],
        engine: Engine | None,
        environment: Mapping[str, str] = os.environ,
    ):
        self.schema_text = schema_text
        self.schema = schema
        self.types = types
        self.engine = engine
        self.environment = environment
        self.shapes = Shapes(schema["types"])
        self.aws: Clients | None = None

    # The provider itself.

    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=self.schema["version"])

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema=self.schema_text)

    def CheckConfig(self, request, context):
        settings = decode(request.news)
        failures = []
        if not has_unknown(settings):
            try:
                Config.read(plain(settings), self.environment)
            except WrongConfig as wrong:
                failures = [provider_pb2.CheckFailure(property=name, reason=text) for name, text in wrong.problems]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request, context):
        old, new = plain(decode(request.old_inputs)), plain(decode(request.news))
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed)

    def Configure(self, request, context):
        with failing(context, "configuring the aws provider", decode(request.args)):
            config = Config.read(plain(decode(request.args)), self.environment)
            self.aws = Clients(config)
            notice = NOTICE.format(", ".join(sorted(set(config.endpoints.values()))))
            LOG.info(notice)
            if self.engine is not None:
                self.engine.info(f"aws: {notice}")
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request, context):
        # Calls to the emulator take milliseconds: those under way end by themselves, and the engine sends no more.
        return empty_pb2.Empty()

    # Resources.

    def Check(self, request, context):
        old, new = decode(request.olds), decode(request.news)
        with failing(context, f"checking {request.urn}", old, new):
            resource = self._resource(request)
            checker = Checker(resource, self._schema(request), self.shapes)
            checked = checker.check(request.name, request.randomSeed, old, new)
            failures = [provider_pb2.CheckFailure(property=path, reason=text) for path, text in checked.problems]
            return provider_pb2.CheckResponse(inputs=encode(checked.inputs), failures=failures)

    def Diff(self, request, context):
        old, new = decode(request.old_inputs), decode(request.news)
        with failing(context, f"comparing {request.urn}", old, new):
            kind = type(self._resource(request))
            return _answer(compare(kind, plain(old), plain(new), frozenset(request.ignoreChanges)))

    def Create(self, request, context):
        inputs = decode(request.properties)
        with failing(context, f"creating {request.urn}", inputs) as made:
            resource, known = self._resource(request), plain(inputs)
            if request.preview:
                return provider_pb2.CreateResponse(properties=encode(self._planned(request, inputs)))
            started = time.monotonic()
            id = resource.create(known)
            made.id, made.properties = id, encode(self._outputs(request, inputs, Live(id, {})))
            resource.finish(id, known)
            outputs = self._outputs(request, inputs, resource.read(id, known))
            LOG.info("created %s %s in %.0f ms", request.type, id, (time.monotonic() - started) * 1000)
            return provider_pb2.CreateResponse(id=id, properties=encode(outputs))

    def Read(self, request, context):
        old, state = decode(request.inputs), decode(request.properties)
        with failing(context, f"reading {request.urn} ({request.id})", old, state):
            resource = self._resource(request)
            try:
                live = resource.read(request.id, {**plain(state), **plain(old)})
            except Gone:
                LOG.info("%s %s is gone", request.type, request.id)
                return provider_pb2.ReadResponse()
            inputs = self._marked(request, after_read(type(resource), plain(old), live), {**state, **old})
            outputs = self._outputs(request, inputs, live)
            return provider_pb2.ReadResponse(id=live.id, properties=encode(outputs), inputs=encode(inputs))

    def Update(self, request, context):
        old, new = decode(request.old_inputs), decode(request.news)
        with failing(context, f"updating {request.urn}", old, new):
            resource = self._resource(request)
            difference = compare(type(resource), plain(old), plain(new), frozenset(request.ignoreChanges))
            changed = {change.name for change in difference.changes}
            if request.preview:
                planned = self._planned(request, new, decode(request.olds), resource.unsettled(changed))
                return provider_pb2.UpdateResponse(properties=encode(planned))
            started = time.monotonic()
            resource.update(request.id, plain(old), plain(new), changed)
            # Of what no input says, AWS may have told once only.
            told = {name: value for name, value in decode(request.olds).items() if name not in resource.properties}
            outputs = self._outputs(request, new, resource.read(request.id, {**plain(told), **plain(new)}))
            LOG.info("updated %s %s in %.0f ms", request.type, request.id, (time.monotonic() - started) * 1000)
            return provider_pb2.UpdateResponse(properties=encode(outputs))

    def Delete(self, request, context):
        state = decode(request.properties)
        known = {**state, **decode(request.old_inputs)}
        with failing(context, f"deleting {request.urn}", known):
            try:
                self._resource(request).delete(request.id, plain(known))
            except Gone:
                LOG.info("%s %s was gone already", request.type, request.id)
            LOG.info("deleted %s %s", request.type, request.id)
        return empty_pb2.Empty()

    # What they share.

    def _resource(self, request) -> Resource:
        if self.aws is None:
            raise NotServed("the provider is not configured")
        if request.type not in self.types or request.type not in self.schema["resources"]:
            raise NotServed(f"the stand-in does not implement {request.type}; it has {', '.join(sorted(self.types))}")
        return self.types[request.type](self.aws)

    def _schema(self, request) -> dict:
        return self.schema["resources"][request.type]

    def _outputs(self, request, inputs: dict, live: Live) -> dict:
        """The resource's state: as AWS has it, and the inputs where AWS does not tell; secrets marked."""
        shapes = self._schema(request)["properties"]
        found = {name: value for name, value in live.inputs.items() if value is not None}
        values = {"region": self.aws.config.region, **plain(inputs), **live.outputs, **found}
        outputs = {name: value for name, value in values.items() if name in shapes}
        return self._marked(request, outputs, {**inputs, "tagsAll": inputs.get("tags")})

    def _planned(self, request, inputs: dict, state: dict | None = None, unsettled: set[str] = frozenset()) -> dict:
        """The state as far as a preview can know it."""
        shapes = self._schema(request)["properties"]
        outputs = {name: UNKNOWN for name in shapes}
        if state is not None:
            outputs = {name: UNKNOWN if name in unsettled else value for name, value in state.items()}
        if "tagsAll" in shapes:
            outputs["tagsAll"] = inputs.get("tags", {})
        return {**outputs, **{name: value for name, value in inputs.items() if name in shapes}}

    def _marked(self, request, values: dict, pattern: dict) -> dict:
        """The values with the pattern's secret marks, and with those of the schema."""
        marked = {name: mark_like(value, pattern.get(name)) for name, value in values.items()}
        for name, shape in self._schema(request)["properties"].items():
            if shape.get("secret") and name in marked and not isinstance(marked[name], Secret):
                marked[name] = Secret(marked[name])
        return marked


def _answer(difference: Difference):
    details = {}
    for change in difference.changes:
        kind = ADD if change.added else REMOVE if change.removed else CHANGE
        details[change.name] = provider_pb2.PropertyDiff(
            kind=REPLACING[kind] if change.replaces else kind, inputDiff=True
        )
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if details else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(details),
        replaces=difference.replacing,
        deleteBeforeReplace=difference.delete_first,
        detailedDiff=details,
        hasDetailedDiff=True,
    )
