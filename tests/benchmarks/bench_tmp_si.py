import asyncio, time, sys, os, threading, resource
from tests.benchmarks import bench_sign_in as b
from services.auth.passwords import hashing
from services.auth.schema import SCHEMA
from shared.logs import configure_logs
from tests.integration.auth.sessions.desk import serving
from tests.support.passwords import HARD
spent=[]
orig=hashing.PasswordHasher._matches
def matches(self,p,h):
    a=time.thread_time(); f=resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    try: return orig(self,p,h)
    finally: spent.append((time.thread_time()-a, resource.getrusage(resource.RUSAGE_THREAD).ru_minflt-f))
hashing.PasswordHasher._matches=matches
async def test_x(postgres, fresh_database, tmp_path):
    configure_logs("auth", level="info", style="json", stream=(tmp_path / "log").open("w"))
    async with serving(await fresh_database(SCHEMA), tmp_path, **HARD) as desk:
        place = await b.opened(desk)
        for rounds in range(2):
            f=resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            before = b.seconds_of_hash()
            fb=(resource.getrusage(resource.RUSAGE_SELF).ru_minflt-f)/61
            spent.clear()
            began, m = time.process_time(), time.thread_time()
            await asyncio.gather(*(b.in_a_row(place) for _ in range(b.AT_A_TIME)))
            each=(time.process_time()-began)/b.SIGN_INS; main=(time.thread_time()-m)/b.SIGN_INS
            bare=(before+b.seconds_of_hash())/2
            s=sum(x for x,_ in spent)/len(spent)
            print(f"\nbare {bare*1e3:.2f} faults {fb:.0f}; each {each*1e3:.2f}; main thread {main*1e3:.2f}; hash in thread {s*1e3:.2f} faults {sum(f for _,f in spent)/len(spent):.0f}; ratio {bare/each:.2f}")
