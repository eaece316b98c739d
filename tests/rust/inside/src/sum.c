long long sum(const int *values, int count) {
    long long all = 0;
    for (int i = 0; i < count; i++) all += values[i];
    return all;
}
