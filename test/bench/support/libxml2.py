"""libxml2 in C through ctypes: parse, C14N 1.0 to memory. Reads {"file", "repeat"} lines, answers milliseconds per run."""
import ctypes, ctypes.util, json, sys, time

lib = ctypes.CDLL(ctypes.util.find_library("xml2") or "libxml2.so.2")
lib.xmlReadMemory.restype = ctypes.c_void_p
lib.xmlReadMemory.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
lib.xmlC14NDocDumpMemory.restype = ctypes.c_int
lib.xmlC14NDocDumpMemory.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
                                     ctypes.POINTER(ctypes.c_void_p)]
lib.xmlFreeDoc.argtypes = [ctypes.c_void_p]
free = ctypes.CFUNCTYPE(None, ctypes.c_void_p).in_dll(lib, "xmlFree")
PARSE_NO_NETWORK = 2048


def canonicalize(data):
    document = lib.xmlReadMemory(data, len(data), None, None, PARSE_NO_NETWORK)
    out = ctypes.c_void_p()
    size = lib.xmlC14NDocDumpMemory(document, None, 0, None, 1, ctypes.byref(out))
    result = size
    free(out)
    lib.xmlFreeDoc(document)
    return result


print(json.dumps({"version": ctypes.c_char_p.in_dll(lib, "xmlParserVersion").value.decode()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    with open(request["file"], "rb") as file:
        data = file.read()
    size = canonicalize(data)
    begin = time.process_time()
    for _ in range(request["repeat"]):
        canonicalize(data)
    print(json.dumps({"milliseconds": (time.process_time() - begin) * 1000 / request["repeat"], "octets": size}), flush=True)
