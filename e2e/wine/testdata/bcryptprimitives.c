/* bcryptprimitives.dll for the tests under Wine, and for nothing else. Go programs load a library of
 * this name as they start; Wine 8 has none. It gives them their random numbers, and mends two things
 * in which Wine 8 is not Windows, so that the programs are tested as they are shipped. */
#include <windows.h>
#include <winternl.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG); /* RtlGenRandom of advapi32 */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, (ULONG)size); }

typedef NTSTATUS(NTAPI *create_pipe)(HANDLE *, ULONG, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG, ULONG, ULONG,
                                     ULONG, ULONG, ULONG, ULONG, ULONG, LARGE_INTEGER *);
typedef NTSTATUS(NTAPI *set_file)(HANDLE, IO_STATUS_BLOCK *, PVOID, ULONG, ULONG);

static create_pipe wine_create_pipe;
static set_file wine_set_file;

/* An instance of a pipe that is made with neither read nor write access takes no client on Windows.
 * Wine connects the first one to it, who then waits for ever: here that one is at once, and goes. */
static NTSTATUS NTAPI create(HANDLE *pipe, ULONG access, OBJECT_ATTRIBUTES *name, IO_STATUS_BLOCK *io, ULONG sharing,
                             ULONG disposition, ULONG options, ULONG type, ULONG mode, ULONG blocking, ULONG instances,
                             ULONG in, ULONG out, LARGE_INTEGER *timeout) {
    NTSTATUS status = wine_create_pipe(pipe, access, name, io, sharing, disposition, options, type, mode, blocking,
                                       instances, in, out, timeout);
    if (status == 0 && !(access & (GENERIC_READ | GENERIC_WRITE))) {
        HANDLE client;
        IO_STATUS_BLOCK opened;
        if (NtOpenFile(&client, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, name, &opened,
                       FILE_SHARE_READ | FILE_SHARE_WRITE, 0) == 0)
            NtClose(client);
    }
    return status;
}

/* To FileDispositionInformationEx (64) a Windows without it answers STATUS_INVALID_INFO_CLASS, and
 * os.RemoveAll takes the old way. Wine 8 has neither it nor the right answer. */
static NTSTATUS NTAPI set(HANDLE file, IO_STATUS_BLOCK *io, PVOID data, ULONG size, ULONG class) {
    return class == 64 ? (NTSTATUS)0xC0000003 : wine_set_file(file, io, data, size, class);
}

/* Has a system call's entry in ntdll lead to ours, and gives a copy of the entry. Entries of Wine are
 * code that works from any place. */
static void *divert(HMODULE ntdll, const char *name, void *ours) {
    enum { entry = 32 };
    unsigned char jump[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* mov rax, ours; jmp rax */
    void *there = (void *)GetProcAddress(ntdll, name);
    void *copy = VirtualAlloc(NULL, entry, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    DWORD before;
    CopyMemory(copy, there, entry);
    CopyMemory(jump + 2, &ours, sizeof ours);
    VirtualProtect(there, sizeof jump, PAGE_EXECUTE_READWRITE, &before);
    CopyMemory(there, jump, sizeof jump);
    VirtualProtect(there, sizeof jump, before, &before);
    return copy;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
    if (reason == DLL_PROCESS_ATTACH) {
        HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
        wine_create_pipe = divert(ntdll, "NtCreateNamedPipeFile", create);
        wine_set_file = divert(ntdll, "NtSetInformationFile", set);
    }
    return TRUE;
}
