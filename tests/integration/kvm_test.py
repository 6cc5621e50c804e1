#!/usr/bin/env python3
"""Virtual machines on a real libvirtd with QEMU, which emulates: from preset to pipeline, and what every provider must do. Needs root; libvirtd,
its network and the machines are in namespaces of this test's own (tests/support/private-libvirt). Takes about a minute, and half of one more
where the guest has not been made yet."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from session import CRASH, REOPS, ROOT, Home

SUPPORT = ROOT / "tests/support"


class Kvm(unittest.TestCase):
    def setUp(self):
        self.assertEqual(0, os.getuid(), "libvirtd and its network need root")
        made = subprocess.run([SUPPORT / "tiny-guest"], capture_output=True, text=True, timeout=600)
        self.assertEqual(0, made.returncode, made.stderr)
        self.guest = Path(made.stdout.strip().splitlines()[-1])
        self.home = Home()
        self.addCleanup(self.home.remove)
        self.folder = Path(tempfile.mkdtemp(prefix="reops-libvirt-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        images = self.folder / "var/lib/libvirt/images"
        images.mkdir(parents=True)
        shutil.copy(self.guest / "base.qcow2", images / "tiny.qcow2")
        self.base = (images / "tiny.qcow2").read_bytes()
        self.images = images
        self.home.write("config/config.edn", f"""
            {{:kvm {{:nodes {{:localhost {{:uri "qemu:///system" :accelerator :qemu}}}}
                    :images {{:tiny {{:volume "tiny.qcow2" :kernel "{self.guest}/vmlinuz" :initrd "{self.guest}/initrd"
                                    :cmdline "console=ttyS0 quiet panic=-1 mitigations=off"}}}}
                    :usable-within "240s"}}
             :presets {{:os :tiny}}}}""")

    def run_forms(self, *forms):
        """Runs a script of these forms beside a libvirtd; what it printed, and after it the machines and volumes that are left."""
        script = self.home.write("script.clj", "\n".join(forms))
        left = f'"{REOPS}" "{script}" && echo "left: $(virsh -q list --all --name | xargs) $(ls /var/lib/libvirt/images | xargs)"'
        done = subprocess.run([SUPPORT / "private-libvirt", self.folder, "sh", "-c", left], capture_output=True, text=True, timeout=600,
                              env=self.home.environment(LIBVIRT_DEFAULT_URI="qemu:///system"))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIsNone(CRASH.search(done.stdout + done.stderr), done.stdout + done.stderr)
        return done.stdout + done.stderr

    def nothing_is_left(self, said):
        self.assertIn("left:  tiny.qcow2\n", said)
        # Nothing was written into what all machines were made of.
        self.assertEqual(self.base, (self.images / "tiny.qcow2").read_bytes())
        self.assertEqual(["id_ed25519", "id_ed25519.pub"], sorted(os.listdir(self.home.path / "data/kvm")), "pins are forgotten")

    def test_from_preset_to_pipeline(self):
        said = self.run_forms(
            '@(create kvm defaults (local) tiny :redis "cache" 3)',
            '(run (ls (hosts (typed :redis) :ip) "/" "-la") | (pick successful) | (pretty "listing"))',
            '(clear identity :systems {:force true})',
            '(println "found again:" (count (:systems (second (sync :kvm)))))',
            '@(create kvm defaults tiny :redis (os :nowhere) (with-host "no-image"))',
            '@(destroy (typed :redis) {:force true})')
        self.assertIn("Running listing summary", said)
        self.assertRegex(said, r"✔ 192\.168\.122\.\[[0-9,-]+\] \(3 hosts\)")
        self.assertIn("found again: 3", said)
        self.assertIn("There is no image of :nowhere for KVM", said)
        # Those that were brought into the store again are removed with all that is theirs.
        self.nothing_is_left(said)

    def test_made_and_removed(self):
        said = self.run_forms(
            '@(create kvm defaults (local) tiny :redis (with-host "red1"))',
            '(run (exec (hosts (named ["red1"]) :ip) "hostname; id -un") | (pretty))',
            '(println "taken:" (count (:failure (:results (second @(create kvm defaults tiny :redis (with-host "red1")))))))',
            '@(halt (typed :redis) {:force true})',
            '@(start (typed :redis))',
            '@(reload (typed :redis) {:force true})',
            '(run (exec (hosts (named ["red1"]) :ip) "hostname") | (pretty "again"))',
            '@(destroy (typed :redis) {:force true})')
        self.assertIn("taken: 1", said)
        self.assertIn("re-ops", said)
        self.assertIn("Running again summary", said)
        self.nothing_is_left(said)

    def test_what_every_provider_must_do(self):
        said = self.run_forms('(println "problems:" (pr-str (conformance kvm defaults tiny :redis)))')
        self.assertIn("problems: []", said)
        self.nothing_is_left(said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
