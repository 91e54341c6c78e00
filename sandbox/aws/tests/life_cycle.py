"""The life of a resource on the running emulator: made, read without drift, changed behind Pulumi's back, updated,
imported, removed."""

import unittest

from standin.values import UNKNOWN
from tests.emulator import Emulator
from tests.program import Declared, configured


def use_emulator():
    """A module's `setUpModule`: an emulator for as long as the module's tests run."""
    LifeCycle.emulator = Emulator()
    unittest.addModuleCleanup(LifeCycle.emulator.stop)


class LifeCycle(unittest.TestCase):
    """What all types go through; a class for each service adds its own changes."""

    emulator: Emulator

    def setUp(self):
        self.servicer = configured(self.emulator.environment)
        self.aws = self.servicer.aws

    def declare(self, token: str, name: str, inputs: dict) -> Declared:
        """Made, complete as the schema says, and without drift."""
        declared = Declared(self.servicer, token, name).create(inputs)
        self.addCleanup(declared.delete)
        required = self.servicer.schema["resources"][token]["required"]
        absent = [name for name in required if declared.outputs.get(name) in (None, UNKNOWN)]
        self.assertEqual(absent, [], "outputs which the schema promises")
        self.assert_settled(declared)
        return declared

    def assert_settled(self, declared: Declared) -> None:
        """A refresh finds nothing, and leaves the state as it was."""
        before = (dict(declared.inputs), dict(declared.outputs))
        self.assertEqual(declared.refresh(), set())
        self.assertEqual((declared.inputs, declared.outputs), before)

    def assert_drift(self, declared: Declared, names: set[str], wanted: dict) -> None:
        """A refresh finds these properties changed, and an update brings the program's values back."""
        self.assertEqual(declared.refresh(), names)
        self.assertEqual(declared.change(wanted), names)
        self.assert_settled(declared)

    def assert_updates(self, declared: Declared, inputs: dict, changes: dict) -> None:
        """One property after the other is updated in place and stays so; in the end all go back."""
        wanted = dict(inputs)
        for name, value in changes.items():
            wanted[name] = value
            with self.subTest(name):
                self.assertEqual(declared.change(wanted), {name})
                self.assert_settled(declared)
        self.assertEqual(declared.change(inputs), set(changes))
        self.assert_settled(declared)

    def assert_imports(self, declared: Declared, id: str) -> None:
        """An import by id gives inputs which the program's own do not differ from."""
        imported = Declared(self.servicer, declared.type, declared.name)
        found = imported.import_(id)
        own = {name for name, rule in self.servicer.types[declared.type].properties.items() if rule.only_here}
        self.assertEqual(set(imported.diff(found, declared.inputs).diffs) - own, set())

    def assert_gone(self, declared: Declared) -> None:
        """A refresh sees that it is gone, and removing it again is no error."""
        self.assertIsNone(declared.refresh())
        declared.delete()
