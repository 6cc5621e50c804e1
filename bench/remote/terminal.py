"""Our prompt on a terminal: how long Ctrl-C takes."""

import os
import pty
import select
import time

from measuring import DEADLINE, Failed

LONG = 30


class Terminal:
    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**os.environ, **environment})
        self.text = ""

    def expect(self, words, patience=LONG):
        """Reads until all that has come ends in, or has, these words; what comes later is another's."""
        end = time.monotonic() + patience
        while words not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise Failed(f"the prompt did not say {words!r} but {self.text[-300:]!r}")
            try:
                self.text += os.read(self.fd, 65536).decode("utf-8", "replace")
            except OSError:
                raise Failed(f"the prompt ended: {self.text[-300:]!r}") from None
        before, self.text = self.text.split(words, 1)
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def interrupt(ours, target, hung):
    """Seconds from Ctrl-C, while so many hosts of a target have a command that does not end, until a prompt with the results of all."""
    terminal = Terminal([ours.program], {**ours.environment(target.world), "TERM": "xterm"})
    try:
        terminal.expect("λ:")
        terminal.type(f'(def pair (exec (hosts (clojure.string/split-lines (slurp "{target.file}"))) "sleep 1000"))\n')
        # The live line: those that hang are all that is left.
        terminal.expect(f"{target.count - hung} of {target.count} done")
        terminal.text = ""
        begin = time.monotonic()
        terminal.type("\x03")
        terminal.expect("λ:")
        span = time.monotonic() - begin
        terminal.type('(let [{:keys [successful failure]} (second pair)] (println (str "well " (count successful) " not " (count failure))))\n')
        terminal.expect(f"well {target.count - hung} not {hung}")
        return span
    finally:
        terminal.close()
