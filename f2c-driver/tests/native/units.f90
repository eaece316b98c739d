! Unit numbers of any size, edits of bits and of any type.
program p
  integer i, j, k
  integer(8) :: big = 1234567890123_8
  integer(1) :: small = -3
  logical :: l = .true.
  real :: x = 2.5
  double precision :: d(6) = (/ 0.099999999999d0, 0.1d0, 999.96d0, 0d0, 1d10, 0.09996d0 /)
  character(len=12) :: line
  do i = 95, 2000, 635
    open (unit=i, status='scratch')
    write (i,*) i, i*2
  end do
  do i = 95, 2000, 635
    rewind i
    read (i,*) j, k
    print *, i, j, k
  end do
  inquire (unit=730, number=j, opened=l)
  print *, j, l
  close (730)
  inquire (unit=730, opened=l)
  print *, l
  open (newunit=j, status='scratch')
  open (newunit=k, status='scratch')
  print *, j < 0, k < 0, j /= k
  write (j,'(a)', advance='no') 'abc'
  write (j,'(a)') 'def'
  rewind j
  read (j,'(a)', iomsg=line, iostat=i) line
  print *, line, i
  read (j,'(a)', iostat=i, end=20) line
20 print *, i
  print '(b9)', 5
  print '(b9.8,1x,b8)', 5, small
  print '(i0,1x,z0,1x,o0,1x,b0)', 42, 255, 8, 6
  print '(z4,1x,z8,1x,z18.16,1x,z2)', 255, -1, big, small
  print '(i5.3,1x,i0.4,1x,i3)', 7, 42, 12345
  print '(g14.8)', d
  print '(g10.3)', d
  print '(g10.3e3)', d
  print '(g0,1x,g0,1x,g0,1x,g0)', 7, x, l, 'text'
  print '(g0,1x,g0)', 1d0/3, big
  print '(g5.2,1x,g12.4,1x,g6.1,1x,g8.2)', 7, 8, .false., x
  print '(f0.3,1x,es10.3,1x,sp,i0)', 2.5, 12345.678, 3
end program
