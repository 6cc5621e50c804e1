"""asyncssh: `uptime` on many hosts, so many in flight. asyncssh_client.py cold|warm PORT USER KEY HOSTKEY HOSTS WIDTH"""

import asyncio
import sys

import asyncssh
from common import Arguments, check

arguments = Arguments()
key = asyncssh.read_private_key(arguments.key)
host_key = asyncssh.read_public_key(arguments.host_key)
in_flight = asyncio.Semaphore(arguments.width)


def connect(host):
    return asyncssh.connect(host, arguments.port, username=arguments.user, client_keys=[key], agent_path=None, config=None,
                            known_hosts=([host_key], [], []), kex_algs=["curve25519-sha256"], compression_algs=["none"])


async def uptime(connection):
    done = await connection.run("uptime")
    return done.stdout if done.exit_status == 0 else ""


async def cold(host):
    async with in_flight:
        async with connect(host) as connection:
            return await uptime(connection)


async def open_one(host):
    async with in_flight:
        return await connect(host)


async def main():
    if arguments.mode == "cold":
        return check(await asyncio.gather(*map(cold, arguments.hosts)), arguments.hosts)
    connections = await asyncio.gather(*map(open_one, arguments.hosts))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        check(await asyncio.gather(*map(uptime, connections)), connections)
        print("done", flush=True)


asyncio.run(main())
