namespace reops { extern int const local_ssh; const int local_ssh = 0; }
