#include <stdio.h>
void wide_(long long *, double *, long long *);
long long mixed_(long long *);
void wide3_(long long *, double *);
void wide4_(long long *);
int main(void) {
    long long n = 1, l = 0;
    double x = 1;
    long long k = 41;
    wide_(&n, &x, &l);
    printf("%lld %.17g %d %lld\n", n, x, l != 0, mixed_(&k));
    fflush(stdout);
    long long many[20] = {0};
    x = 2.5;
    wide3_(many, &x);
    for (int i = 0; i < 20; i++) printf("%d %lld\n", i + 1, many[i]);
    for (int i = 0; i < 20; i++) many[i] = 0;
    wide4_(many);
    for (int i = 0; i < 20; i++) printf("%d %lld\n", i + 1, many[i]);
    return 0;
}
