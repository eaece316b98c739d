integer function s(n, m)
  integer n, m, i, stat
  double precision :: w(n, 0:m)
  real, allocatable :: a(:,:)
  allocate (a(n, m), stat=stat)
  if (stat /= 0 .or. .not. allocated(a)) return
  do i = 1, n
    w(i, 0) = a(i, m)
  end do
  a = 0
  call sub(w, a(1, 2))
  deallocate (a)
  s = 1
end
